// A pod whose lanes get addresses from an IPAM plugin, against that plugin's runs one after the
// other, and against the same pod without addresses.
//
//   bench_addresses <plugin> <host-local>
//     with veth ends as VFs of a made-up sysfs, in a namespace of its own
#include "bench/bench.h"
#include "bench/contestants.h"
#include "bench/pod_agent.h"
#include "test/support/temp_dir.h"

namespace sluice::bench {
namespace {

constexpr int kLanes = 60;
constexpr int kRounds = 5;
// Against as many runs of the IPAM plugin, one after the other, and the lanes' bare moves.
constexpr double kMost = 1.10;

struct Sum {
  double adds = 0;
  double dels = 0;
  std::string name;
};

Sum sum_of(const Contestant& one, const Contestant& other) {
  return {.adds = median(one.adds) + median(other.adds),
          .dels = median(one.dels) + median(other.dels),
          .name = one.name + " + " + other.name};
}

bool compare(const Contestant& pod, const Sum& reference, double most) {
  const bool add = print({.what = fmt::format("ADD of {} lanes with addresses", kLanes),
                          .measured = median(pod.adds),
                          .reference = reference.adds,
                          .reference_name = reference.name,
                          .most_ratio = most});
  const bool del = print({.what = fmt::format("DEL of {} lanes with addresses", kLanes),
                          .measured = median(pod.dels),
                          .reference = reference.dels,
                          .reference_name = reference.name,
                          .most_ratio = most});
  return add && del;
}

Result<bool> run(const std::string& plugin, const std::string& ipam) {
  const TempDir pool(TempDir::kInMemory);
  const std::string conf = fmt::format(
      R"({{"cniVersion":"1.0.0","name":"sluice-rail","type":"sluice","ipam":{{"type":"host-local",)"
      R"("dataDir":"{}","ranges":[[{{"subnet":"10.60.0.0/24"}}]]}}}})",
      pool / "");
  const auto node = TRY(Node::with_veths(kLanes));
  const auto agent =
      TRY(PodAgent::start(*node, {}, LaneNetwork{.name = "rail", .cni = conf, .mtu = {}}));
  Contestant pod = run_for_pod(*node, plugin);
  Contestant runs = ipam_runs(*node, ipam, conf);
  Contestant moves = bare_moves(*node);
  TRY(race({&pod, &runs, &moves}, kLanes, kRounds));
  const Sum plugin_runs{
      .adds = median(runs.adds), .dels = median(runs.dels), .name = "plugin runs"};
  const bool holds = compare(pod, sum_of(moves, runs), kMost);
  compare(pod, plugin_runs, 0);
  return holds;
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: bench_addresses PLUGIN HOST-LOCAL\n");
    return 2;
  }
  const sluice::Result<bool> holds = sluice::bench::run(argv[1], argv[2]);
  if (!holds) fmt::print(stderr, "{}\n", holds.error().message());
  return holds && *holds ? 0 : 1;
}
