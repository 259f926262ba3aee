#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bench/node.h"

namespace sluice::bench {

/// A way to bring the first `lanes` VFs of a node into its pod, and home again.
struct Contestant {
  using Step = std::function<Result<>(std::size_t lanes)>;

  std::string name;
  Step add;
  Step del;
  std::vector<double> adds = {};  ///< Seconds.
  std::vector<double> dels = {};
};

/// Runs `step` and appends the seconds it took. It waits a little before: what the end of another's
/// program has left to the kernel is not for this one to wait for.
Result<> timed(std::vector<double>& times, const std::function<Result<>()>& step);

/// Lets all bring in and take back `lanes` lanes, in turn.
Result<> race(const std::vector<Contestant*>& all, std::size_t lanes, int rounds);

// `node` must outlive them all.

/// Nothing but the kernel's moves.
Contestant bare_moves(const Node& node);

/// Those moves, and before each a run of `nothing`, a program that ends at once. What a plugin
/// cannot do without is to be a program: the end of any gives RCU work, for which the next move
/// waits.
Contestant moves_after_programs(const Node& node, const std::string& nothing);

/// A run of an IPAM plugin a lane, one after the other. `conf` is their network configuration.
Contestant ipam_runs(const Node& node, const std::string& plugin, const std::string& conf);

/// The plugin for all lanes at once, chained after the cluster's own plugin. The agent's socket
/// must be served, and say which lanes these are. `more`: further keys of the configuration.
Contestant run_for_pod(const Node& node, const std::string& plugin, const std::string& more = {});

/// The plugin once a lane, as for networks of Multus.
Contestant run_for_each(const Node& node, const std::string& plugin, const std::string& more);

/// The host-device plugin once a lane.
Contestant host_device(const Node& node, const std::string& plugin);

}  // namespace sluice::bench
