// S2, S4, "scores" and "scale": whole fleets under load.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "bench/cluster_sim/experiments.h"

namespace sluice::sim {
namespace {

constexpr double kHundredth = 0.01;
constexpr std::array<std::string_view, 3> kOthers = {"papers", "spread", "pack"};
// Served parts are compared to this: the order in which sums are added is no difference.
constexpr double kEqual = 1e-9;

/// The sets of an experiment are fixed: a mistake in them is one in this program.
PolicyOutcomes run_set(const PolicySet& set, const Scale& scale, Report& report) {
  Result<PolicyOutcomes> outcomes = run_policies(set, scale);
  if (!outcomes) {
    report.check(outcomes.error().message(), false);
    return {};
  }
  for (std::vector<std::string>& row : outcomes->rows()) report.table.add(std::move(row));
  return std::move(outcomes).release();
}

bool only_counting_overcommits(const PolicyOutcomes& at) {
  return std::all_of(at.outcomes.begin(), at.outcomes.end(), [](const auto& named) {
    return named.second.overcommitted == 0 || named.first == "count-only";
  });
}

void check_policies(const PolicyOutcomes& at, Report& report) {
  const std::string where =
      fmt::format("{} nodes, {}, load {:.2f}", at.nodes, at.set.fleet, at.set.load);
  const double best = at.served("best-suited");
  report.check(where + ": only count-only promises more than ports carry",
               only_counting_overcommits(at));
  for (const std::string_view other : kOthers) {
    report.check(fmt::format("{}: best-suited serves {:.4f} of the bandwidth, {} {:.4f}", where,
                             best, other, at.served(other)),
                 best >= at.served(other) - kEqual);
  }
}

void check_bound(const PolicyOutcomes& at, Report& report) {
  const std::string where = fmt::format("load {:.2f}", at.set.load);
  const double gap = 1 - at.served("best-suited") / at.bound_of_bandwidth();
  const double pods_gap = 1 - at.served_pods("best-suited") / at.bound_of_pods();
  report.check(
      fmt::format("{}: best-suited is {:.2f} % below the bound of bandwidth", where, gap * 100),
      gap <= kHundredth);
  report.check(fmt::format("{}: and {:.2f} % below the bound of pods", where, pods_gap * 100),
               pods_gap <= kHundredth);
}

}  // namespace

Report acceptance(const Scale& scale) {
  Report report{.title = "S2: what each policy serves", .table = {.columns = policy_columns()}};
  std::vector<double> papers_behind;  // By load.
  for (const double load : {0.5, 0.7, 0.8, 0.9, 0.95, 1.0, 1.1}) {
    const PolicyOutcomes at = run_set({.load = load}, scale, report);
    check_policies(at, report);
    if (load == 0.8 || load == 0.9) check_bound(at, report);
    papers_behind.push_back(at.served("best-suited") - at.served("papers"));
    if (load == 1.0) {
      report.check("load 1.00: count-only promises more than ports carry",
                   at.of("count-only").overcommitted > 0);
    }
  }
  report.check(fmt::format("the papers' filter falls behind as load rises: by {:.4f} at first, by "
                           "{:.4f} at load 1.00",
                           papers_behind.front(), papers_behind[5]),
               papers_behind[5] > papers_behind.front() + kHundredth);
  return report;
}

Report fleets(const Scale& scale) {
  Report report{.title = "S4: bandwidth stranded", .table = {.columns = policy_columns()}};
  std::vector<PolicyOutcomes> all;
  for (const char* const fleet : {"mixed", "few-vfs"}) {
    const PolicyOutcomes at = run_set({.fleet = fleet, .load = 0.9}, scale, report);
    for (const std::string_view other : kOthers) {
      report.check(fmt::format("{}: best-suited strands {:.4f} of the bandwidth, {} {:.4f}", fleet,
                               at.of("best-suited").stranded / at.usable, other,
                               at.of(other).stranded / at.usable),
                   at.of("best-suited").stranded <= at.of(other).stranded);
    }
    all.push_back(at);
  }
  report.check("few-vfs: ten times as much bandwidth lies on ports without a free VF as in mixed",
               all[1].of("best-suited").without_vf > 10 * all[0].of("best-suited").without_vf);
  return report;
}

Report resolution_of_scores(const Scale& scale) {
  struct Way {
    const char* name;
    Resolution resolution;
  };
  const std::size_t sample = std::max<std::size_t>(1, scale.nodes / 10);
  const std::array ways = {
      Way{"exact", {}},
      Way{"10 steps, nearest", {.steps = 10}},
      Way{"10 steps, down", {.steps = 10, .rounding = Rounding::down}},
      Way{"100 steps, nearest", {.steps = 100}},
      Way{"a tenth of the nodes", {.sample = sample}},
      Way{"a tenth, 10 steps, down", {.steps = 10, .rounding = Rounding::down, .sample = sample}}};
  Report report{.title = "Scores as they reach the choice, best-suited, load 0.95",
                .table = {.columns = {"way", "nodes", "bandwidth", "taken", "stranded"}}};
  const Result<Fleet> fleet = make_fleet("mixed", scale.nodes, scale.seed);
  const Result<Mix> mix = make_mix("mixed");
  const Result<Contestant> best_suited = contestant_of("best-suited");
  if (!fleet || !mix || !best_suited) return report;
  const Workload workload =
      make_workload(*fleet, *mix, {.load = 0.95, .pods = scale.pods, .seed = scale.seed});
  const Bound bound = upper_bound(*fleet, *mix, workload);
  const auto usable = static_cast<double>(fleet->usable().as_bits_per_second());
  std::vector<double> served;
  for (const Way& way : ways) {
    const Outcome outcome = simulate(*fleet, *mix, workload, *best_suited, way.resolution);
    served.push_back(outcome.served.bandwidth / bound.asked.bandwidth);
    report.table.add({way.name, fmt::format("{}", scale.nodes),
                      fmt::format("{:.4f}", served.back()),
                      fmt::format("{:.4f}", outcome.taken_part()),
                      fmt::format("{:.4f}", outcome.stranded / usable)});
  }
  report.check("ten steps, to the nearest, serve less than exact scores", served[1] < served[0]);
  report.check("ten steps, rounded down, serve as much as exact scores within a hundredth",
               served[2] >= served[0] - kHundredth);
  report.check("a tenth of the nodes serves as much as all within a hundredth",
               served[4] >= served[0] - kHundredth);
  return report;
}

Report large_fleet(const Scale& scale) {
  Report report{.title = "A large fleet", .table = {.columns = policy_columns()}};
  constexpr double kMostSeconds = 120;
  const PolicyOutcomes at = run_set({.load = 0.9}, scale, report);
  check_policies(at, report);
  check_bound(at, report);
  double seconds = 0;
  for (const auto& [name, outcome] : at.outcomes) seconds += outcome.seconds;
  report.check(fmt::format("{} nodes, {} pods after those of the start, all policies: {:.0f} s of "
                           "one processor, {:.0f} allowed",
                           scale.nodes, scale.pods, seconds, kMostSeconds),
               seconds <= kMostSeconds);
  return report;
}

}  // namespace sluice::sim
