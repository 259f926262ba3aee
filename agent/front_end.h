#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/node_state.h"
#include "pkg/base/result.h"
#include "pkg/config/config.h"
#include "pkg/config/shares.h"
#include "pkg/ledger/offers.h"
#include "pkg/podlanes/pod_lanes.h"

namespace sluice {

/// One way for pods to get lanes, with its share of each port. The agent reads the node, lets every
/// front end bring its share in line with it, and asks all of them which lanes a pod is to get.
/// What a front end serves to Kubernetes, and the threads for it, are its own.
class FrontEnd {
 public:
  virtual ~FrontEnd() = default;

  /// Whose share of the ports it has.
  virtual FrontEndName name() const = 0;

  /// VFs that it has given to pods, whether they are lanes yet or not; nullopt: not known yet.
  virtual std::optional<std::vector<std::string>> given_vfs(const Config& config) const = 0;

  /// Whether reconcile() is going to need NodeState::kubernetes.
  virtual bool asks_kubernetes() const = 0;

  /// Brings what is set aside, and what Kubernetes sees of it, in line with the node. Called by one
  /// thread, with every step; a failure is repeated with the next one.
  virtual Result<> reconcile(const NodeState& node) = 0;

  /// The offers it has made. Grants are in their file.
  virtual std::vector<Offer> offers() const = 0;

  /// Whether a step is due each second, though nothing was noticed. From any thread.
  virtual bool is_due() const = 0;

  /// A lane came or went. From any thread.
  virtual void notice_lanes() = 0;

  /// Whether Kubernetes has all that it serves there. From any thread.
  virtual bool is_registered() const = 0;

  /// Another instance of the agent writes from now on: writes nothing when this returns. What it
  /// serves stays served, by having that instance answer. No step is made during it or later.
  virtual void hand_over() = 0;

  /// An instance that has handed over is about to end, and with it what it serves.
  virtual void expect_loss() = 0;

  /// The lanes that a pod is to get from it, as PodLanes says. From any thread.
  virtual Result<std::vector<PodLane>> lanes_of(const PodId& pod) = 0;
};

}  // namespace sluice
