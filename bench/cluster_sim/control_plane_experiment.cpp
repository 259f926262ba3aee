// S6: what it costs to know the nodes.
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <random>

#include <nlohmann/json.hpp>

#include "bench/bench.h"
#include "bench/cluster_sim/experiments.h"
#include "pkg/json/document.h"

namespace sluice::sim {
namespace {

// A node that is asked: one exchange in the data centre, and an answer that is read here. A node
// that does not answer costs the papers' extender its whole timeout. What the node itself does to
// answer (it reads each VF from sysfs) is left out, as is what HTTP costs: the papers' system is
// shown faster than it is.
constexpr double kRoundTrip = 0.5e-3;  // Seconds, mean; assumed.
constexpr double kTimeout = 1.5;       // Seconds; the papers' extender.
constexpr double kSilent = 0.001;      // Part of the nodes that do not answer; assumed.
constexpr int kVfs = 120;              // Of a port; the papers' hardware.
constexpr int kCores = 8;              // Of the extender's machine, for reading answers; assumed.
constexpr std::size_t kPods = 500;     // For the percentiles.

/// Seconds of a processor that `work` takes: other programs of the machine do not count.
template <typename Work>
double processor_seconds(Work work) {
  const auto now = [] {
    timespec time = {};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
  };
  const double start = now();
  work();
  return now() - start;
}

/// An answer of GET /getpfs of a node with two ports.
std::string inventory_of_papers() {
  nlohmann::json ports = nlohmann::json::array();
  for (int port = 0; port < 2; ++port) {
    nlohmann::json vfs = nlohmann::json::array();
    for (int vf = 0; vf < kVfs; ++vf) {
      vfs.push_back({{"vf", vf},
                     {"mac", "7a:90:db:7b:30:ac"},
                     {"vlan", 0},
                     {"qos", 0},
                     {"vlan_proto", "N/A"},
                     {"spoof_check", "OFF"},
                     {"trust", "ON"},
                     {"link_state", "Follow"},
                     {"min_tx_rate", 0},
                     {"max_tx_rate", 0},
                     {"vgt_plus", "OFF"},
                     {"rate_group", 0},
                     {"allocated", false}});
    }
    ports.push_back({{"name", "enp4s0f0"},
                     {"used_tx_rate", 0},
                     {"capacity_tx_rate", 100000},
                     {"used_vfs", 0},
                     {"capacity_vfs", kVfs},
                     {"vfs", std::move(vfs)}});
  }
  return ports.dump();
}

/// Seconds that one such answer takes to read here.
double reading_time() {
  const std::string text = inventory_of_papers();
  std::vector<double> times;
  constexpr int kTimes = 15;
  times.reserve(kTimes);
  std::size_t read = 0;
  for (int i = 0; i < kTimes; ++i) {
    times.push_back(processor_seconds([&] { read += parse_document(text).size(); }));
  }
  return read == 2 * kTimes ? bench::median(times) : 0;
}

struct Percentiles {
  double half = 0;
  double most = 0;  // 99 of 100.
};

Percentiles percentiles_of(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  return {.half = times[times.size() / 2], .most = times[times.size() * 99 / 100]};
}

/// All nodes are asked at once: the slowest one and the reading of all answers decide.
Percentiles polled(std::size_t nodes, double reading, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::exponential_distribution<double> round_trip(1 / kRoundTrip);
  std::bernoulli_distribution is_silent(kSilent);
  std::vector<double> times;
  times.reserve(kPods);
  for (std::size_t pod = 0; pod < kPods; ++pod) {
    double slowest = 0;
    for (std::size_t node = 0; node < nodes; ++node) {
      slowest = std::max(slowest, is_silent(random) ? kTimeout : round_trip(random));
    }
    times.push_back(std::max(slowest, static_cast<double>(nodes) * reading / kCores));
  }
  return percentiles_of(std::move(times));
}

struct Cached {
  Percentiles times;
  double placements = 0;  // A pod.
};

/// The pods of a fleet under load, each by a chooser that knows the nodes.
Cached cached(std::size_t nodes, std::uint64_t seed) {
  const Result<Fleet> fleet = make_fleet("mixed", nodes, seed);
  const Result<Mix> mix = make_mix("mixed");
  const Result<Contestant> best_suited = contestant_of("best-suited");
  if (!fleet || !mix || !best_suited) return {};
  const Workload workload = make_workload(*fleet, *mix, {.load = 0.8, .pods = kPods, .seed = seed});
  Cluster cluster(*fleet);
  Chooser chooser(*best_suited, *mix, cluster, seed);
  std::vector<double> times;
  times.reserve(workload.pods.size());
  std::uint64_t placements = 0;
  for (const Pod& pod : workload.pods) {
    const bool is_measured = pod.comes > 0;
    const std::uint64_t before = chooser.placements();
    std::optional<std::size_t> node;
    const double time = processor_seconds([&] { node = chooser.choose(pod.sort); });
    if (is_measured) {
      times.push_back(time);
      placements += chooser.placements() - before;
    }
    if (!node) continue;
    const PodAsk& ask = (*mix)[pod.sort].ask;
    const Result<Placement> placement = place(cluster.ports(*node), ask);
    if (!placement) continue;
    cluster.give(*node, ask, *placement);
    chooser.changed(*node);
  }
  return {.times = percentiles_of(times),
          .placements = static_cast<double>(placements) / static_cast<double>(times.size())};
}

}  // namespace

Report control_plane(const Scale& scale) {
  Report report{.title = "S6: choosing a node for a pod",
                .table = {.columns = {"nodes", "asked_per_pod", "polled_p50_ms", "polled_p99_ms",
                                      "placed_per_pod", "cached_p50_ms", "cached_p99_ms"}}};
  const double reading = reading_time();
  const auto ms = [](double time) { return fmt::format("{:.4f}", time * 1e3); };
  std::vector<double> placed;
  std::vector<Percentiles> polls;
  for (std::size_t nodes = 10; nodes <= scale.nodes; nodes *= 10) {
    polls.push_back(polled(nodes, reading, scale.seed));
    const Cached known = cached(nodes, scale.seed);
    placed.push_back(known.placements);
    report.table.add({fmt::format("{}", nodes), fmt::format("{}", nodes), ms(polls.back().half),
                      ms(polls.back().most), fmt::format("{:.1f}", known.placements),
                      ms(known.times.half), ms(known.times.most)});
  }
  // What a pod changes is looked at once for each sort of pods, however many nodes there are.
  const Result<Mix> mix = make_mix("mixed");
  report.check("a pod is placed on no more nodes than there are sorts of pods",
               mix && placed.back() <= static_cast<double>(mix->size()));
  report.check("the time for a pod that asks every node grows with them",
               polls.back().half > polls.front().half);
  report.check("of 100 nodes one that is silent decides over the slowest hundredth of the pods",
               polls.size() < 2 || polls[1].most >= kTimeout);
  return report;
}

}  // namespace sluice::sim
