#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/fs/file_identity.h"

namespace grpc {
class Server;
class Service;
}  // namespace grpc

namespace sluice {

/// A gRPC server on one Unix socket, mode 0600. The services are called from gRPC's threads from
/// start() until the end of stop(), and must outlive that. Two servers must never have one path,
/// not even for a moment: the end of the first would remove the socket of the second.
class UnixServer {
 public:
  /// sun_path is 108 bytes (linux/un.h), and gRPC wants one of them to be NUL.
  static constexpr std::size_t kLongestPath = 107;

  /// How long stop() waits for calls that are under way before it cancels them.
  static constexpr std::chrono::milliseconds kTimeout{500};

  /// Serves when it returns. A socket that is there already is taken for the remains of an earlier
  /// process and replaced. invalid_argument when the path is too long, already_exists when there is
  /// something else than a socket, not_found when its directory is missing, internal when gRPC does
  /// not want to.
  static Result<std::unique_ptr<UnixServer>> start(const std::string& path,
                                                   const std::vector<grpc::Service*>& services);

  UnixServer(const UnixServer&) = delete;
  UnixServer& operator=(const UnixServer&) = delete;

  /// stop()
  ~UnixServer();

  /// Takes no more calls, waits `timeout` for those under way, cancels what is left of them, and
  /// removes the socket. Streams should be finished before: they are cancelled otherwise. Does
  /// nothing the second time.
  void stop(std::chrono::milliseconds timeout = kTimeout);

  const std::string& path() const { return path_; }

  /// Whether the path still leads to this server: the kubelet removes all sockets of its
  /// device-plugins directory when it starts.
  bool is_reachable() const;

 private:
  UnixServer(std::string path, std::unique_ptr<grpc::Server> server);

  std::string path_;
  std::unique_ptr<grpc::Server> server_;
  std::optional<FileIdentity> socket_;
};

/// Whether there is a socket at `path` on which no process listens; false also when that can't be
/// told.
bool is_stale_socket(const std::string& path);

}  // namespace sluice
