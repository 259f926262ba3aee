// S3 and X6: pods between choice and attach.
#include <fmt/format.h>

#include <array>

#include "bench/cluster_sim/experiments.h"
#include "bench/cluster_sim/reservation.h"

namespace sluice::sim {
namespace {

/// How a system counts.
struct System {
  const char* name;
  const char* contestant;
  Counted counted;
};

constexpr std::array kSystems = {
    System{"papers, counted at attach", "papers", Counted::at_attach},
    System{"best-suited, counted at attach", "best-suited", Counted::at_attach},
    System{"papers, counted at bind", "papers", Counted::at_bind},
    System{"best-suited, counted at bind", "best-suited", Counted::at_bind}};

PodSort pods_of_50g() {
  return {.name = "50G", .ask = {.lanes = {{.rate = {.floor = BitRate::gbps(50), .ceiling = {}}}}}};
}

/// Places for such pods, all nodes together.
std::size_t places_of(const Fleet& fleet, const PodSort& sort) {
  std::size_t places = 0;
  for (const std::size_t shape : fleet.nodes) {
    for (const NodePort& port : fleet.shapes[shape].ports) {
      places += port.usable.as_bits_per_second() / sort.floors().as_bits_per_second();
    }
  }
  return places;
}

}  // namespace

Report concurrency(const Scale& scale) {
  constexpr double kLoad = 0.95;
  constexpr double kSecondsToAttach = 2;
  Report report{.title = "S3: pods that come while others are on their way, load 0.95",
                .table = {.columns = {"system", "pods_per_s", "to_attach_s", "attached", "pending",
                                      "stuck", "stuck_part"}}};
  const Result<Fleet> fleet = make_fleet("uniform", scale.nodes, scale.seed);
  if (!fleet) return report;
  const PodSort sort = pods_of_50g();
  const auto places = static_cast<double>(places_of(*fleet, sort));
  for (const System& system : kSystems) {
    std::vector<std::size_t> stuck;
    for (const double rate : {0.5, 2.0, 8.0, 32.0}) {
      const RushOutcome outcome = run_rush({.fleet = *fleet,
                                            .sort = sort,
                                            .contestant = *contestant_of(system.contestant),
                                            .counted = system.counted,
                                            .pods = scale.pods,
                                            .seconds_between = 1 / rate,
                                            .seconds_to_attach = kSecondsToAttach,
                                            .seconds_of_life = kLoad * places / rate,
                                            .seed = scale.seed});
      stuck.push_back(outcome.stuck);
      report.table.add({system.name, fmt::format("{}", rate), fmt::format("{}", kSecondsToAttach),
                        fmt::format("{}", outcome.attached), fmt::format("{}", outcome.pending),
                        fmt::format("{}", outcome.stuck),
                        fmt::format("{:.4f}", static_cast<double>(outcome.stuck) /
                                                  static_cast<double>(scale.pods))});
      report.check(
          fmt::format("{}, {} pods/s: no port promises more than it carries", system.name, rate),
          outcome.overcommitted == 0);
    }
    if (system.counted == Counted::at_bind) {
      report.check(fmt::format("{}: no pod is stuck", system.name),
                   stuck == std::vector<std::size_t>(stuck.size(), 0));
    } else {
      report.check(fmt::format("{}: more are stuck the faster they come", system.name),
                   stuck[0] < stuck[1] && stuck[1] < stuck[2] && stuck[2] < stuck[3]);
    }
  }
  return report;
}

Report race(const Scale& scale) {
  Report report{.title = "X6: pods that come at once for the last places",
                .table = {.columns = {"system", "pods", "places", "attached", "pending", "stuck"}}};
  const Result<Fleet> fleet = make_fleet("uniform", scale.nodes, scale.seed);
  if (!fleet) return report;
  const PodSort sort = pods_of_50g();
  const std::size_t places = places_of(*fleet, sort);
  for (const System& system : kSystems) {
    const RushOutcome outcome = run_rush({.fleet = *fleet,
                                          .sort = sort,
                                          .contestant = *contestant_of(system.contestant),
                                          .counted = system.counted,
                                          .pods = scale.pods,
                                          .seconds_to_attach = 2,
                                          .seed = scale.seed});
    report.table.add({system.name, fmt::format("{}", scale.pods), fmt::format("{}", places),
                      fmt::format("{}", outcome.attached), fmt::format("{}", outcome.pending),
                      fmt::format("{}", outcome.stuck)});
    if (system.counted == Counted::at_bind) {
      report.check(fmt::format("{}: exactly those that fit run, none is stuck", system.name),
                   outcome.attached == std::min(places, scale.pods) && outcome.stuck == 0);
    } else {
      report.check(fmt::format("{}: pods are stuck", system.name), outcome.stuck > 0);
    }
    report.check(fmt::format("{}: no port promises more than it carries", system.name),
                 outcome.overcommitted == 0);
  }
  return report;
}

}  // namespace sluice::sim
