#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "agent/kubernetes.h"
#include "pkg/config/config.h"
#include "pkg/fs/dir.h"
#include "pkg/inventory/types.h"
#include "pkg/lane/lane_repair.h"
#include "pkg/ledger/grant_store.h"
#include "pkg/ledger/records.h"

namespace sluice {

class FrontEnd;

/// The node at one moment, read once a step. Front ends, repair and metrics go by it; only what
/// changes something looks again, under the port's lock.
struct NodeState {
  using Clock = std::chrono::steady_clock;

  Clock::time_point now;
  std::shared_ptr<const Config> config;

  /// VFs that front ends have given to pods, whether they are lanes yet or not; nullopt while one
  /// of them does not know.
  std::optional<std::vector<std::string>> given;

  bool has_kubernetes = false;  ///< Whether Kubernetes can be asked and told at all.
  /// What it believes; nullopt: not known, or no front end asked.
  std::optional<KubernetesView> kubernetes;

  /// The ledger read before and after the inventory, so that a VF on its way is not taken for one
  /// that another program took.
  std::vector<PortRecord> before;
  Inventory inventory;
  std::vector<PortRecord> after;

  /// Ports that stay locked -> since when and by whom, as LockWatch::look() has it.
  std::map<std::string, std::string> locked;

  std::set<std::string> with_lanes;  ///< VFs that have a lane, by `after`.
  std::set<std::string> in_use;      ///< VFs that have a lane or were given to a pod.

  std::vector<Grant> grants;

  /// So many offers are wanted of classes that pods wait for, by name, as the scheduler says.
  std::map<std::string, int> wanted;

  /// What of lanes is not as written and could not be written again, when last looked at.
  std::vector<LaneRepair> unrepaired;
  std::chrono::nanoseconds scan_took{};
};

/// Where a node is read. All must outlive the call.
struct NodeSources {
  const Dir& sysfs;
  const Ledger& ledger;
  const GrantStore& grants;
  Kubernetes& kubernetes;
  std::span<FrontEnd* const> front_ends;
};

/// Reads the node. Fails when the ledger, the grants or the PCI bus cannot be read; what could not
/// be read of single ports is in Inventory::problems. data_loss when the grants were damaged: they
/// have been set aside then, and the next reading finds none.
Result<NodeState> read_node(const NodeSources& sources, std::shared_ptr<const Config> config);

}  // namespace sluice
