#include "pkg/rpc/unix_server.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "pkg/base/unique_fd.h"
#include "pkg/fs/socket_address.h"

namespace sluice {
namespace {

// A socket that no living process accepts on would make bind(2) fail; anything else is not ours.
Result<> remove_stale(const std::string& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) {
    if (errno == ENOENT) return {};
    return Error::from_errno(errno, fmt::format("look at '{}'", path));
  }
  if (!S_ISSOCK(found.st_mode)) {
    return Error(Code::already_exists, fmt::format("'{}' is there and is no socket", path));
  }
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
  return Error::from_errno(errno, fmt::format("remove '{}'", path));
}

Result<> check_directory_of(const std::string& path) {
  const std::string directory = path.substr(0, path.find_last_of('/') + 1);
  if (::access(directory.c_str(), W_OK | X_OK) == 0) return {};
  return Error::from_errno(errno, fmt::format("use directory '{}'", directory));
}

}  // namespace

UnixServer::UnixServer(std::string path, std::unique_ptr<grpc::Server> server)
    : path_(std::move(path)), server_(std::move(server)) {}

Result<std::unique_ptr<UnixServer>> UnixServer::start(const std::string& path,
                                                      const std::vector<grpc::Service*>& services) {
  if (path.size() > kLongestPath) {
    return Error(Code::invalid_argument,
                 fmt::format("socket path '{}' has {} bytes, {} are allowed", path, path.size(),
                             kLongestPath));
  }
  TRY(check_directory_of(path));
  TRY(remove_stale(path));
  grpc::ServerBuilder builder;
  builder.AddListeningPort("unix:" + path, grpc::InsecureServerCredentials());
  for (grpc::Service* const service : services) builder.RegisterService(service);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return Error(Code::internal, fmt::format("listen on '{}'", path));
  std::unique_ptr<UnixServer> started(new UnixServer(path, std::move(server)));
  // Until here the umask decided; connect(2) takes the right to write, which it leaves to the
  // owner.
  if (::chmod(path.c_str(), 0600) != 0) {
    return Error::from_errno(errno, fmt::format("set mode of '{}'", path));
  }
  started->socket_ = TRY(identity_of(path));
  return started;
}

UnixServer::~UnixServer() {
  stop();
}

void UnixServer::stop(std::chrono::milliseconds timeout) {
  if (server_ == nullptr) return;
  server_->Shutdown(std::chrono::system_clock::now() + timeout);
  server_->Wait();
  server_.reset();
}

bool UnixServer::is_reachable() const {
  const Result<std::optional<FileIdentity>> now = identity_of(path_);
  return server_ != nullptr && now && *now && *now == socket_;
}

bool is_stale_socket(const std::string& path) {
  struct stat found {};
  const Result<sockaddr_un> address = socket_address(path);
  if (!address || ::lstat(path.c_str(), &found) != 0 || !S_ISSOCK(found.st_mode)) return false;
  const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  return fd &&
         ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof(*address)) < 0 &&
         errno == ECONNREFUSED;
}

}  // namespace sluice
