// The cluster simulator: policies under load, and the experiments of docs/simulation.md.
#include <CLI/CLI.hpp>

#include "bench/cluster_sim/experiments.h"

namespace sluice::sim {
namespace {

struct Options {
  std::string experiment;
  std::string csv;
  PolicySet set;
  std::size_t nodes = 0;
  std::size_t pods = 0;
  std::uint64_t seed = 1;
};

std::string list_of_experiments() {
  std::string text = "Experiments, each with its checks (exit status 1 when one fails):\n";
  for (const Experiment& experiment : experiments()) {
    text += fmt::format("  {:<8}{}\n", experiment.id, experiment.shows);
  }
  return text +
         "\nWithout one: a fleet under each policy. Columns: what was served of the bandwidth and "
         "of the pods\nthat were asked (by time), the part of the pods that was taken, what is "
         "used "
         "of the fleet,\nGbit/s promised above what ports carry, free bandwidth where an asked bit "
         "cannot have it and\nwhere no VF is free (parts of the fleet), placements tried, and "
         "decisions a second.\n";
}

void declare(CLI::App& app, Options& options) {
  app.footer(list_of_experiments());
  app.add_option("experiment", options.experiment, "One of those below");
  app.add_option("--csv", options.csv, "Write the table to this file, too");
  app.add_option("--nodes", options.nodes,
                 "Nodes of the fleet [1000, or as the experiment has it]");
  app.add_option("--pods", options.pods,
                 "Pods that come after those of the start [40000, or as the experiment has it]");
  app.add_option("--seed", options.seed, "The same seed gives the same result")
      ->capture_default_str();
  app.add_option("--load", options.set.load, "Bandwidth asked at any time, of the fleet's")
      ->check(CLI::Range(0.01, 10.0))
      ->capture_default_str();
  app.add_option("--fleet", options.set.fleet, "mixed, uniform or few-vfs")->capture_default_str();
  app.add_option("--mix", options.set.mix, "What pods ask: mixed or small")->capture_default_str();
  app.add_option("--policy", options.set.policies,
                 "count-only, papers, spread, pack, best-suited; may be given several times [all]");
}

Result<Report> report_of(const Options& options) {
  const Experiment* const experiment = find_experiment(options.experiment);
  if (experiment == nullptr && !options.experiment.empty()) {
    return Error(Code::invalid_argument,
                 fmt::format("no experiment '{}'; --help lists them", options.experiment));
  }
  Scale scale = experiment != nullptr ? experiment->scale : Scale();
  if (options.nodes > 0) scale.nodes = options.nodes;
  if (options.pods > 0) scale.pods = options.pods;
  scale.seed = options.seed;
  if (experiment != nullptr) return experiment->run(scale);
  const PolicyOutcomes outcomes = TRY(run_policies(options.set, scale));
  return Report{.title = fmt::format("{} nodes, load {}", scale.nodes, options.set.load),
                .table = {.columns = policy_columns(), .rows = outcomes.rows()},
                .checks = {}};
}

/// 0, 1 when a check fails, 2 for options that are wrong.
int run(const Options& options) {
  const Result<Report> report = report_of(options);
  if (!report) {
    fmt::print(stderr, "bench_cluster_sim: {}\n", report.error().message());
    return 2;
  }
  fmt::print("{}", to_text(*report));
  if (options.csv.empty()) return report->holds() ? 0 : 1;
  if (const Result<> written = write_csv(report->table, options.csv); !written) {
    fmt::print(stderr, "bench_cluster_sim: {}\n", written.error().message());
    return 1;
  }
  return report->holds() ? 0 : 1;
}

}  // namespace
}  // namespace sluice::sim

int main(int argc, char** argv) {
  sluice::sim::Options options;
  CLI::App app(
      "Simulates clusters of thousands of nodes with the placement that decides in production.");
  sluice::sim::declare(app, options);
  CLI11_PARSE(app, argc, argv);
  return sluice::sim::run(options);
}
