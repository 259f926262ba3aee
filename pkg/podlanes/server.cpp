#include "pkg/podlanes/server.h"

#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "pkg/fs/atomic_file.h"
#include "pkg/fs/socket_address.h"
#include "pkg/podlanes/line.h"
#include "pkg/podlanes/protocol.h"

namespace sluice {
namespace {

// A node starts a few pods at a time; a hundred wait here before the next is turned away.
constexpr int kQueue = 128;

// A program that put something else there is not to lose it.
Result<> check_is_socket_or_free(const std::string& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) {
    if (errno == ENOENT) return {};
    return Error::from_errno(errno, "look for it");
  }
  if (!S_ISSOCK(found.st_mode)) return Error(Code::already_exists, "is there and is no socket");
  return {};
}

}  // namespace

Result<PodLanesServer::Listening> PodLanesServer::listen_on(const std::string& path) {
  TRY(socket_address(path));
  const std::string fresh = path + ".new";
  const sockaddr_un address = TRY(socket_address(fresh));
  TRY(make_directories(path.substr(0, path.find_last_of('/'))));
  TRY(check_is_socket_or_free(path));
  TRY(remove_file(fresh));
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return Error::from_errno(errno, "make a socket");
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return Error::from_errno(errno, "bind");
  }
  // No process can connect before listen(2), so none meets the mode that the umask left.
  if (::chmod(fresh.c_str(), 0600) != 0) return Error::from_errno(errno, "set its mode");
  if (::listen(fd.get(), kQueue) != 0) return Error::from_errno(errno, "listen");
  if (::rename(fresh.c_str(), path.c_str()) != 0) return Error::from_errno(errno, "rename it");
  return Listening{.fd = std::move(fd), .identity = TRY(identity_of(path))};
}

Result<std::unique_ptr<PodLanesServer>> PodLanesServer::start(Settings settings, PodLanes& pods) {
  EventFd stopping = TRY(EventFd::open());
  Listening listening = TRY(listen_on(settings.path).context("socket '{}'", settings.path));
  std::unique_ptr<PodLanesServer> server(
      new PodLanesServer(std::move(settings), pods, std::move(listening), std::move(stopping)));
  for (int i = 0; i < server->settings_.threads; ++i) {
    std::jthread& thread = server->threads_.emplace_back([self = server.get()] { self->run(); });
    ::pthread_setname_np(thread.native_handle(), "pod-lanes");  // 15 letters at most.
  }
  return server;
}

PodLanesServer::PodLanesServer(Settings settings, PodLanes& pods, Listening listening,
                               EventFd stopping)
    : settings_(std::move(settings)),
      pods_(pods),
      listening_(std::move(listening)),
      stopping_(std::move(stopping)) {}

PodLanesServer::~PodLanesServer() {
  stopping_.notify();
  threads_.clear();  // Joins them.
  const Result<std::optional<FileIdentity>> now = identity_of(settings_.path);
  if (now && *now == listening_.identity) static_cast<void>(remove_file(settings_.path));
}

void PodLanesServer::run() {
  std::array<pollfd, 2> waited{pollfd{.fd = listening_.fd.get(), .events = POLLIN, .revents = 0},
                               pollfd{.fd = stopping_.fd(), .events = POLLIN, .revents = 0}};
  for (;;) {
    if (::poll(waited.data(), waited.size(), -1) < 0) continue;
    if (waited[1].revents != 0) return;
    // Another thread may have been quicker.
    const UniqueFd connection(
        ::accept4(listening_.fd.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (connection) serve(connection.get());
  }
}

void PodLanesServer::serve(int connection) {
  const Result<> done = converse(connection);
  if (!done && settings_.failed) settings_.failed(done.error());
}

Result<> PodLanesServer::check_peer(int connection) const {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
    return Error::from_errno(errno, "ask who the peer is");
  }
  if (peer.uid == settings_.peer) return {};
  return Error(Code::permission_denied,
               fmt::format("process {} is of user {}, only user {} may ask", peer.pid, peer.uid,
                           settings_.peer));
}

Result<> PodLanesServer::converse(int connection) {
  const auto line = [&] {
    return Line{.fd = connection,
                .deadline = std::chrono::steady_clock::now() + settings_.limit,
                .stop_fd = stopping_.fd()};
  };
  const auto refuse = [&](const Error& error) {
    static_cast<void>(write_line(line(), encode_answer(error)));
    return error;
  };
  if (const Result<> peer = check_peer(connection); !peer) return refuse(peer.error());
  const Result<std::string> text = read_line(line(), kLongestQuestion);
  if (!text && text.error().code() == Code::not_found) return {};  // Looked whether we are there.
  if (!text) return refuse(text.error());
  const Result<PodId> pod = decode_question(*text);
  if (!pod) return refuse(pod.error());
  const auto asked = std::chrono::steady_clock::now();
  const Result<std::vector<PodLane>> lanes = pods_.lanes_of(*pod);
  const auto took = std::chrono::steady_clock::now() - asked;
  if (settings_.answered) settings_.answered(*pod, lanes, took);
  return write_line(line(), encode_answer(lanes))
      .context("answer pod {}/{}", pod->name_space, pod->name);
}

}  // namespace sluice
