#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bench/cluster_sim/report.h"
#include "bench/cluster_sim/simulate.h"

namespace sluice::sim {

/// How large an experiment is made; the shape of its result does not depend on it.
struct Scale {
  std::size_t nodes = 1'000;
  std::size_t pods = 40'000;  ///< That come after those of the start, in each run.
  std::uint64_t seed = 1;
};

/// One experiment: what it is called, what it shows, and its run.
struct Experiment {
  std::string_view id;
  std::string_view shows;
  Report (*run)(const Scale& scale);
  Scale scale;  ///< As docs/simulation.md has it.
};

/// S1 to S4, S6, X5 and X6, "scores" and "scale".
const std::vector<Experiment>& experiments();

/// nullptr: there is none of that name.
const Experiment* find_experiment(std::string_view id);

Report solver_time(const Scale& scale);
Report acceptance(const Scale& scale);
Report concurrency(const Scale& scale);
Report fleets(const Scale& scale);
Report control_plane(const Scale& scale);
Report two_lanes_of_100g(const Scale& scale);
Report race(const Scale& scale);
Report resolution_of_scores(const Scale& scale);
Report large_fleet(const Scale& scale);

/// One fleet, mix and load under each of the contestants.
struct PolicySet {
  std::string fleet = "mixed";
  std::string mix = "mixed";
  double load = 0.9;
  std::vector<std::string> policies;  ///< Empty: all.
};

/// The columns of rows_of().
std::vector<std::string> policy_columns();

/// What one policy set gave: by contestant, and the bound.
struct PolicyOutcomes {
  PolicySet set;
  std::size_t nodes = 0;
  Bound bound;
  double usable = 0;  ///< bit/s of the fleet.
  std::vector<std::pair<std::string, Outcome>> outcomes;

  const Outcome& of(std::string_view name) const;
  /// Served of what was asked, in bandwidth.
  double served(std::string_view name) const;
  /// The same of pods.
  double served_pods(std::string_view name) const;
  double bound_of_bandwidth() const { return bound.bandwidth / bound.asked.bandwidth; }
  double bound_of_pods() const { return bound.pods / bound.asked.pods; }

  std::vector<std::vector<std::string>> rows() const;
};

/// invalid_argument for an unknown fleet, mix or policy.
Result<PolicyOutcomes> run_policies(const PolicySet& set, const Scale& scale);

}  // namespace sluice::sim
