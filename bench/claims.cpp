// Claims as the kubelet and the API server see them: the node agent as a program between the two.
// Prepare beside the API server's part of it, slices after a start, claims that come and go a
// thousand times, and the agent's memory.
//
//   bench_claims <sluiced>
#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <thread>

#include "bench/bench.h"
#include "bench/claim_node.h"
#include "bench/contestants.h"
#include "bench/program.h"
#include "pkg/netlink/live_kernel.h"

namespace sluice::bench {
namespace {

constexpr int kStarts = 9;
constexpr int kPrepares = 300;
constexpr int kWarmUp = 200;
constexpr int kCycles = 1000;
constexpr int kClaimsAtRest = 64;
constexpr int kManyLanes = 16;
constexpr int kSamples = 40;

// After the start, until caches are filled.
constexpr std::chrono::seconds kSettling{3};

double p99(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() * 99 / 100];
}

Result<bool> measure_slices(const std::string& program) {
  std::vector<double> starts;
  std::vector<double> helps;
  const auto ask_for_help = [&]() -> Result<> {
    TRY(run_program(program, {}, "", {"--help"}));
    return {};
  };
  starts.reserve(kStarts);
  helps.reserve(kStarts);
  for (int i = 0; i < kStarts; ++i) {
    ClaimNode node(program);
    starts.push_back(TRY(node.start()));
    const std::size_t written = node.writes();
    TRY(node.start());
    if (node.writes() != written) return Error(Code::internal, "a restart wrote slices");
    TRY(timed(helps, ask_for_help));
  }
  return print(
      {.what =
           "claims: start of the program to its slices, 8 ports, 256 VFs; none written on restart",
       .measured = median(starts),
       .reference = median(helps),
       .reference_name = "its --help",
       .most = 0.2});
}

Result<bool> measure_prepare(ClaimNode& node, int lanes, double most) {
  const std::string name = fmt::format("lanes-{}", lanes);
  const std::string uid = node.make_claim(name, lanes, 0);
  std::vector<double> prepares;
  std::vector<double> asked;
  prepares.reserve(kPrepares);
  asked.reserve(kPrepares);
  for (int i = 0; i < kPrepares; ++i) {
    TRY(timed(prepares, [&] { return node.prepare(name, uid); }));
    TRY(node.unprepare(name, uid));
    asked.push_back(TRY(node.ask_server(name)));
  }
  const double round_trip = median(asked);
  print({.what = fmt::format("claims: Prepare, {} of 32 VFs, median of {}", lanes, kPrepares),
         .measured = median(prepares),
         .reference = round_trip,
         .reference_name = "its GETs"});
  return print({.what = fmt::format("claims: Prepare beside its GETs, {} of 32 VFs, p99 of {}",
                                    lanes, kPrepares),
                .measured = p99(prepares) - round_trip,
                .reference = round_trip,
                .reference_name = "its GETs",
                .most = most});
}

Result<> come_and_go(ClaimNode& node, int times) {
  for (int i = 0; i < times; ++i) {
    const std::string name = fmt::format("cycle-{}", i % 8);
    const std::string uid = node.make_claim(name, 2, i % ClaimNode::kPorts);
    TRY(node.prepare(name, uid));
    TRY(node.unprepare(name, uid));
  }
  return {};
}

// At rest: a step of the agent opens what it reads.
Result<std::size_t> descriptors_of(const Daemon& daemon) {
  std::size_t least = TRY(daemon.descriptors());
  for (int i = 0; i < kSamples; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    least = std::min(least, TRY(daemon.descriptors()));
  }
  return least;
}

Result<bool> measure_cycles(ClaimNode& node) {
  TRY(come_and_go(node, kWarmUp));
  const double memory = TRY(node.daemon().resident_bytes());
  const std::size_t descriptors = TRY(descriptors_of(node.daemon()));
  const std::size_t files = node.files();
  TRY(come_and_go(node, kCycles));
  const double after = TRY(node.daemon().resident_bytes());
  const std::size_t more = TRY(descriptors_of(node.daemon()));
  if (more > descriptors || node.files() > files) {
    return Error(Code::internal, fmt::format("{} descriptors became {}, {} files {}", descriptors,
                                             more, files, node.files()));
  }
  return print({.what = "claims: growth over 1000 Prepare and Unprepare (no file, no descriptor)",
                .measured = std::max(0.0, after - memory),
                .reference = memory,
                .reference_name = "before",
                .most_ratio = 0.02,
                .text = mebibytes});
}

Result<bool> measure_memory(const std::string& program) {
  ClaimNode node(program);
  TRY(node.start());
  for (int i = 0; i < kClaimsAtRest; ++i) {
    const std::string name = fmt::format("rest-{}", i);
    const std::string uid = node.make_claim(name, 2, i % ClaimNode::kPorts);
    TRY(node.prepare(name, uid));
  }
  std::this_thread::sleep_for(kSettling);
  return print({.what = "claims: resident memory of the agent, 256 VFs, 64 claims of 2 lanes",
                .measured = TRY(node.daemon().resident_bytes()),
                .most = 28 * kMebibyte,
                .text = mebibytes});
}

// What others do with links would wake the agent. The API server is on the loopback.
Result<> enter_own_network() {
  if (::unshare(CLONE_NEWNET) != 0) return Error::from_errno(errno, "unshare network namespace");
  const auto kernel = TRY(LiveKernel::open());
  const std::optional<Link> loopback = TRY(kernel->links().find("lo"));
  if (!loopback) return Error(Code::not_found, "no loopback");
  return kernel->links().change(loopback->index, {.up = true});
}

Result<bool> run(const std::string& program) {
  TRY(enter_own_network());
  bool holds = TRY(measure_slices(program));
  {
    ClaimNode node(program);
    TRY(node.start());
    TRY(come_and_go(node, kWarmUp / 4));
    holds = TRY(measure_prepare(node, 1, 0.005)) && holds;
    holds = TRY(measure_prepare(node, kManyLanes, 0.020)) && holds;
    holds = TRY(measure_cycles(node)) && holds;
  }
  return TRY(measure_memory(program)) && holds;
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  // A 99th percentile is what the rest of the machine makes of it, unless we come first.
  constexpr int kFirst = -15;
  ::setpriority(PRIO_PROCESS, 0, kFirst);
  const sluice::Result<bool> holds = sluice::bench::run(argv[1]);
  if (!holds) fmt::print(stderr, "{}\n", holds.error().message());
  return holds && *holds ? 0 : 1;
}
