#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "pkg/podlanes/pod_lanes.h"

namespace sluice {

/// Asks the agent, over its Unix socket. Needs no library and no thread.
class PodLanesClient final : public PodLanes {
 public:
  struct Settings {
    std::string path;  ///< /run/sluice/agent.sock on a node.

    /// How long to wait for an agent that is not there: a restart takes a fraction of it, and a
    /// sandbox that fails meanwhile waits for the kubelet's next try.
    std::chrono::milliseconds timeout = std::chrono::seconds(2);

    /// From question to answer. The agent gives the kubelet less than that: of a node that starts
    /// many pods at once it has been seen to take seconds.
    std::chrono::milliseconds limit = std::chrono::seconds(12);
  };

  explicit PodLanesClient(Settings settings) : settings_(std::move(settings)) {}

  /// busy when no process serves the socket, timed_out when no answer came, internal when it made
  /// no sense, permission_denied when the agent does not talk to us; else what the agent says.
  Result<std::vector<PodLane>> lanes_of(const PodId& pod) override;

  /// Whether there is a socket, served or not: an agent has run since the node was booted.
  bool has_socket() const;

  /// Whether the socket is served now; busy when it is not.
  Result<> reach() const;

 private:
  Settings settings_;
};

}  // namespace sluice
