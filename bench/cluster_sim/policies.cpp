// One policy set, as a part of most experiments and by itself.
#include <fmt/format.h>

#include "bench/cluster_sim/experiments.h"

namespace sluice::sim {
namespace {

constexpr double kGbps = 1e9;

std::string four_places(double part) {
  return fmt::format("{:.4f}", part);
}

}  // namespace

std::vector<std::string> policy_columns() {
  return {"policy",     "nodes",      "fleet",
          "load",       "bandwidth",  "pods",
          "taken",      "used",       "overcommitted_gbps",
          "stranded",   "without_vf", "placements",
          "decisions_s"};
}

const Outcome& PolicyOutcomes::of(std::string_view name) const {
  static const Outcome kNone;
  for (const auto& [policy, outcome] : outcomes) {
    if (policy == name) return outcome;
  }
  return kNone;
}

double PolicyOutcomes::served(std::string_view name) const {
  return of(name).served.bandwidth / bound.asked.bandwidth;
}

double PolicyOutcomes::served_pods(std::string_view name) const {
  return of(name).served.pods / bound.asked.pods;
}

std::vector<std::vector<std::string>> PolicyOutcomes::rows() const {
  const std::string load = fmt::format("{:.2f}", set.load);
  const std::string size = fmt::format("{}", nodes);
  std::vector<std::vector<std::string>> rows;
  rows.reserve(outcomes.size() + 1);
  for (const auto& [name, outcome] : outcomes) {
    rows.push_back(
        {name, size, set.fleet, load, four_places(served(name)), four_places(served_pods(name)),
         four_places(outcome.taken_part()), four_places(outcome.utilisation),
         fmt::format("{:.1f}", outcome.overcommitted / kGbps),
         four_places(outcome.stranded / usable), four_places(outcome.without_vf / usable),
         fmt::format("{}", outcome.placements),
         fmt::format("{:.0f}", static_cast<double>(outcome.decisions) / outcome.seconds)});
  }
  rows.push_back({"bound", size, set.fleet, load, four_places(bound_of_bandwidth()),
                  four_places(bound_of_pods()), "", "", "", "", "", "", ""});
  return rows;
}

Result<PolicyOutcomes> run_policies(const PolicySet& set, const Scale& scale) {
  const Fleet fleet = TRY(make_fleet(set.fleet, scale.nodes, scale.seed));
  const Mix mix = TRY(make_mix(set.mix));
  std::vector<Contestant> chosen = contestants();
  if (!set.policies.empty()) chosen.clear();
  chosen.reserve(contestants().size() + set.policies.size());
  for (const std::string& name : set.policies) chosen.push_back(TRY(contestant_of(name)));
  const Workload workload =
      make_workload(fleet, mix, {.load = set.load, .pods = scale.pods, .seed = scale.seed});
  PolicyOutcomes all{.set = set,
                     .nodes = scale.nodes,
                     .bound = upper_bound(fleet, mix, workload),
                     .usable = static_cast<double>(fleet.usable().as_bits_per_second()),
                     .outcomes = {}};
  all.outcomes.reserve(chosen.size());
  for (const Contestant& contestant : chosen) {
    all.outcomes.emplace_back(contestant.name, simulate(fleet, mix, workload, contestant));
  }
  return all;
}

}  // namespace sluice::sim
