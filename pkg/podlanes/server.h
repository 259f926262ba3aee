#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "pkg/base/unique_fd.h"
#include "pkg/fs/event_fd.h"
#include "pkg/fs/file_identity.h"
#include "pkg/podlanes/pod_lanes.h"

namespace sluice {

/// The agent's socket, on which the CNI plugin asks for the lanes of a pod (protocol.h). Two lines
/// start it, the first with whatever knows the pods:
///
///   DevicePodLanes pods({.socket = "/var/lib/kubelet/pod-resources/kubelet.sock"});
///   const auto server = TRY(PodLanesServer::start({.path = "/run/sluice/agent.sock"}, pods));
///
/// Peers of another user are told no. A few threads serve one connection each; further callers wait
/// in the socket's queue, and those that find it full are told by the kernel.
class PodLanesServer {
 public:
  struct Settings {
    std::string path;  ///< Its directory is made (mode 0700) where it is missing.
    uid_t peer = 0;    ///< Who may ask.
    int threads = 4;
    /// How long a peer may take to ask, and to take its answer.
    std::chrono::milliseconds limit = std::chrono::seconds(2);

    /// Called from the server's threads after each question, with how long finding the answer
    /// took, for logs and metrics; may be empty.
    std::function<void(const PodId&, const Result<std::vector<PodLane>>&, std::chrono::nanoseconds)>
        answered = {};
    /// A connection ended without a question, or without its answer; may be empty.
    std::function<void(const Error&)> failed = {};
  };

  /// Serves when it returns. `pods` must outlive it. A socket that is there already is replaced in
  /// one step, so that there is one all the time: an earlier process left it, or another instance
  /// still answers on it who found it before. One caller for a path at a time. invalid_argument
  /// when the path is too long, already_exists when there is something else than a socket.
  static Result<std::unique_ptr<PodLanesServer>> start(Settings settings, PodLanes& pods);

  PodLanesServer(const PodLanesServer&) = delete;
  PodLanesServer& operator=(const PodLanesServer&) = delete;

  /// Waits for the questions that are being answered, and removes the socket unless another
  /// instance has replaced it.
  ~PodLanesServer();

 private:
  /// A socket that can be connected to.
  struct Listening {
    UniqueFd fd;
    std::optional<FileIdentity> identity;
  };

  static Result<Listening> listen_on(const std::string& path);

  PodLanesServer(Settings settings, PodLanes& pods, Listening listening, EventFd stopping);

  void run();
  void serve(int connection);
  Result<> converse(int connection);
  Result<> check_peer(int connection) const;

  Settings settings_;
  PodLanes& pods_;
  Listening listening_;
  EventFd stopping_;  // Notified at the beginning of the end, and never drained.
  std::vector<std::jthread> threads_;
};

}  // namespace sluice
