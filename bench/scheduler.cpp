// The scheduler extender as kube-scheduler sees it, over HTTP: where pods can go, how well, and
// binding them, in clusters of thousands of nodes; and its memory there.
//
//   bench_scheduler <sluice-scheduler>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <thread>

#include <nlohmann/json.hpp>

#include "bench/bench.h"
#include "bench/scheduler_cluster.h"

namespace sluice::bench {
namespace {

using nlohmann::json;

constexpr int kShapes = 8;
constexpr int kPods = 600;
// Of 10,000 nodes kube-scheduler looks for as many that pass before it asks extenders (5 %,
// numFeasibleNodesToFind of pkg/scheduler/schedule_one.go).
constexpr std::size_t kCandidates = 500;
constexpr std::chrono::seconds kSettling{3};
constexpr std::size_t kArithmetic = 1'000'000;

double percentile(std::vector<double> values, std::size_t percent) {
  std::ranges::sort(values);
  return values[values.size() * percent / 100];
}

/// Pods that do not exist in the cluster yet.
class NewPods {
 public:
  /// A Pod with one to four lanes.
  json next() {
    ++number_;
    json lanes = json::array();
    const std::size_t shape = number_ % kShapes;
    for (std::size_t i = 0; i <= shape % 4; ++i) {
      lanes.push_back({{"floor", shape < 4 ? "1G" : "5G"}});
    }
    const std::string annotation =
        fmt::format(R"("sluice.dev/lanes":{})", json(lanes.dump()).dump());
    return json::parse(pod_text(kFirst + number_, "", annotation));
  }

 private:
  static constexpr std::size_t kFirst = 10'000'000;

  std::size_t number_ = 0;
};

std::string args_of(const json& pod, const std::vector<std::string>& names) {
  return json{{"Pod", pod}, {"Nodes", nullptr}, {"NodeNames", names}}.dump();
}

/// What was measured of one pod, in seconds.
struct Decision {
  double decided = 0;  ///< Filter and prioritize.
  double bound = 0;    ///< All three.
  double echoed = 0;   ///< The same bytes of the first two through a server that does nothing.
};

Result<Decision> decide(SchedulerCluster& cluster, const json& pod,
                        const std::vector<std::string>& names) {
  Decision decision;
  const std::string filter_args = args_of(pod, names);
  std::string passed;
  std::string scores;
  Result<> done;
  const auto ask = [&](const std::string& verb, const std::string& body, std::string& answer) {
    Result<std::string> answered = cluster.ask(verb, body);
    if (answered) {
      answer = *std::move(answered);
    } else {
      done = answered.error();
    }
  };
  decision.decided = seconds([&] { ask("filter", filter_args, passed); });
  TRY(done);
  const json filtered = json::parse(passed);
  const auto left = filtered["NodeNames"].get<std::vector<std::string>>();
  if (left.empty()) return Error(Code::internal, passed.substr(0, 500));
  const std::string score_args = args_of(pod, left);
  decision.decided += seconds([&] { ask("prioritize", score_args, scores); });
  TRY(done);
  const json hosts = json::parse(scores);
  const auto best = std::max_element(hosts.begin(), hosts.end(), [](const json& a, const json& b) {
    return a["Score"] < b["Score"];
  });
  const std::string bind_args = json{
      {"PodName", pod["metadata"]["name"]},
      {"PodNamespace", "default"},
      {"PodUID", pod["metadata"]["uid"]},
      {"Node", (*best)["Host"]}}.dump();
  std::string bound;
  decision.bound = decision.decided + seconds([&] { ask("bind", bind_args, bound); });
  TRY(done);
  if (bound != R"({"Error":""})") return Error(Code::internal, bound);
  decision.echoed = seconds([&] { done = cluster.echo(filter_args, passed.size()); });
  TRY(done);
  decision.echoed += seconds([&] { done = cluster.echo(score_args, scores.size()); });
  TRY(done);
  return decision;
}

/// All nodes, or as many as kube-scheduler asks about, from a place that moves on.
std::vector<std::string> candidates(const SchedulerCluster& cluster, std::size_t count,
                                    std::size_t round) {
  const std::vector<std::string>& all = cluster.node_names();
  std::vector<std::string> some;
  some.reserve(count);
  for (std::size_t i = 0; i < count; ++i) some.push_back(all[(round * count + i) % all.size()]);
  return some;
}

struct Measured {
  std::vector<double> first;  ///< Decisions on pods unlike any before.
  std::vector<double> decided;
  std::vector<double> bound;
  std::vector<double> echoed;
};

Result<Measured> measure(SchedulerCluster& cluster, NewPods& pods, std::size_t count) {
  Measured measured;
  for (int i = 0; i < kPods; ++i) {
    const auto names = candidates(cluster, count, static_cast<std::size_t>(i));
    const Decision decision = TRY(decide(cluster, pods.next(), names));
    if (i < kShapes) {
      measured.first.push_back(decision.decided);
      continue;
    }
    measured.decided.push_back(decision.decided);
    measured.bound.push_back(decision.bound);
    measured.echoed.push_back(decision.echoed);
  }
  return measured;
}

Result<bool> measure_all_nodes(SchedulerCluster& cluster, NewPods& pods, double most) {
  const std::size_t nodes = cluster.node_names().size();
  const double before = TRY(cluster.daemon().cpu_seconds());
  const Measured measured = TRY(measure(cluster, pods, nodes));
  const double used = TRY(cluster.daemon().cpu_seconds()) - before;
  const double echo = median(measured.echoed);
  const char* const name = "the same bytes, undecided";
  print({.what = fmt::format("scheduler: filter and prioritize, {} nodes, first pod of its kind",
                             nodes),
         .measured = median(measured.first),
         .reference = echo,
         .reference_name = name});
  print({.what = fmt::format("scheduler: CPU for a pod, {} nodes", nodes),
         .measured = used / kPods,
         .reference = arithmetic(kArithmetic),
         .reference_name = "1 MB hashed"});
  print({.what = fmt::format("scheduler: filter and prioritize, {} nodes, median of {}", nodes,
                             measured.decided.size()),
         .measured = median(measured.decided),
         .reference = echo,
         .reference_name = name});
  return print({.what = fmt::format("scheduler: filter and prioritize, {} nodes, p99", nodes),
                .measured = percentile(measured.decided, 99),
                .reference = percentile(measured.echoed, 99),
                .reference_name = name,
                .most = most});
}

Result<bool> measure_pods(SchedulerCluster& cluster, NewPods& pods) {
  const Measured measured = TRY(measure(cluster, pods, kCandidates));
  double sum = 0;
  for (const double each : measured.bound) sum += each;
  const double each = sum / static_cast<double>(measured.bound.size());
  return print(
      {.what = fmt::format("scheduler: a pod decided and bound, {} candidates of {} nodes, "
                           "mean ({:.0f} a second)",
                           kCandidates, cluster.node_names().size(), 1 / each),
       .measured = each,
       .reference = median(measured.echoed),
       .reference_name = "the same bytes, undecided",
       .most = 0.002});
}

Result<bool> measure_memory(SchedulerCluster& cluster, const std::string& program) {
  SchedulerCluster empty(0, 0);
  TRY(empty.start(program));
  std::this_thread::sleep_for(kSettling);
  return print({.what = "scheduler: resident memory, 10000 nodes and 100000 pods, after all that",
                .measured = TRY(cluster.daemon().resident_bytes()),
                .reference = TRY(empty.daemon().resident_bytes()),
                .reference_name = "empty cluster",
                .most = 150 * kMebibyte,
                .text = mebibytes});
}

Result<bool> run(const std::string& program) {
  bool holds = true;
  NewPods pods;
  {
    SchedulerCluster cluster(5'000, 50'000);
    TRY(cluster.start(program));
    holds = TRY(measure_all_nodes(cluster, pods, 0.005)) && holds;
  }
  SchedulerCluster cluster(10'000, 100'000);
  const double start = TRY(cluster.start(program));
  print({.what = "scheduler: start until ready, 10000 nodes and 100000 pods", .measured = start});
  holds = TRY(measure_all_nodes(cluster, pods, 0.010)) && holds;
  holds = TRY(measure_pods(cluster, pods)) && holds;
  return TRY(measure_memory(cluster, program)) && holds;
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  // A 99th percentile is what the rest of the machine makes of it, unless we come first.
  constexpr int kFirst = -15;
  ::setpriority(PRIO_PROCESS, 0, kFirst);
  try {
    const sluice::Result<bool> holds = sluice::bench::run(argv[1]);
    if (!holds) fmt::print(stderr, "{}\n", holds.error().message());
    return holds && *holds ? 0 : 1;
  } catch (const std::exception& error) {  // An answer that is not what it is to be.
    std::fputs(error.what(), stderr);
    return 1;
  }
}
