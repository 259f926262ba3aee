// S1 and X5: one node.
#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "bench/bench.h"
#include "bench/cluster_sim/contestant.h"
#include "bench/cluster_sim/experiments.h"

namespace sluice::sim {
namespace {

constexpr std::uint64_t kMostProbes = 20'000'000;
constexpr std::uint64_t kMillion = 1'000'000;

NodePort port_of(std::size_t number, std::uint64_t gbps, int vfs, std::uint64_t free) {
  return {.name = fmt::format("0000:{:02x}:00.0", 0x10 + number),
          .link = fmt::format("ens{}np0", number),
          .numa_node = {},
          .driver = "mlx5_core",
          .line_rate = BitRate::gbps(gbps),
          .usable = BitRate::gbps(gbps),
          .promised = BitRate::gbps(gbps - free),
          .free_vfs = vfs};
}

PodAsk ask_of(const std::vector<std::uint64_t>& gbps) {
  PodAsk ask;
  ask.lanes.reserve(gbps.size());
  for (const std::uint64_t floor : gbps) {
    ask.lanes.push_back({.rate = {.floor = BitRate::gbps(floor), .ceiling = {}}});
  }
  return ask;
}

/// `small` lanes of 1 Gbit/s that fit anywhere, and one that fits nowhere now.
std::uint64_t add_trap(std::size_t small, std::size_t ports, Report& report) {
  std::vector<NodePort> node;
  node.reserve(ports);
  for (std::size_t i = 0; i < ports; ++i) node.push_back(port_of(i, 100, 64, 90));
  std::vector<std::uint64_t> floors(small, 1);
  floors.push_back(95);
  const PodAsk ask = ask_of(floors);

  PapersAnswer papers;
  const double papers_time =
      bench::seconds([&] { papers = place_as_papers(node, ask, kMostProbes); });
  Result<Placement> exact = Error(Code::internal, "");
  const double exact_time = bench::seconds([&] { exact = place(node, ask); });
  const bool is_proven = !exact && exact.error().code() == Code::exhausted;
  report.table.add({fmt::format("{} ports, {}+1 lanes", ports, small),
                    fmt::format("{}{}", papers.probes, papers.given_up ? "+" : ""),
                    bench::duration(papers_time), bench::duration(exact_time)});
  report.check(
      fmt::format("{} ports, {}+1 lanes: place() proves that they do not fit", ports, small),
      is_proven);
  return papers.probes;
}

/// Lanes in order, each on the first port that has room.
bool fits_first_fit(const std::vector<NodePort>& ports, PodAsk ask, bool largest_first) {
  if (largest_first) {
    std::ranges::stable_sort(ask.lanes, std::ranges::greater(),
                             [](const LaneAsk& lane) { return lane.rate.floor; });
  }
  std::vector<std::pair<BitRate, int>> rooms;
  rooms.reserve(ports.size());
  for (const NodePort& port : ports) {
    rooms.emplace_back(port.usable - port.promised, port.free_vfs.value_or(0));
  }
  for (const LaneAsk& lane : ask.lanes) {
    const auto room = std::find_if(rooms.begin(), rooms.end(), [&](const auto& of) {
      return of.second > 0 && of.first >= lane.rate.floor;
    });
    if (room == rooms.end()) return false;
    room->first = room->first - lane.rate.floor;
    --room->second;
  }
  return true;
}

/// How many of the pods that fit are refused.
struct FalseRefusals {
  int fitting = 0;
  int first_fit = 0;
  int largest_first = 0;
  int exact = 0;
};

/// Small pods that nearly fill small nodes, judged by the papers' search, which tries everything.
FalseRefusals false_refusals(std::size_t cases, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto below = [&](std::uint64_t bound) { return random() % bound; };
  FalseRefusals refusals;
  for (std::size_t i = 0; i < cases; ++i) {
    std::vector<NodePort> ports;
    std::uint64_t free = 0;
    const std::size_t count = 2 + below(2);
    ports.reserve(count);
    for (std::size_t port = 0; port < count; ++port) {
      const std::uint64_t room = 10 + below(21);
      ports.push_back(port_of(port, 100, static_cast<int>(2 + below(4)), room));
      free += room;
    }
    std::vector<std::uint64_t> floors;
    for (std::uint64_t left = free - below(4); left > 0 && floors.size() < 7;) {
      floors.push_back(1 + below(std::min<std::uint64_t>(left, 12)));
      left -= floors.back();
    }
    const PodAsk ask = ask_of(floors);
    if (!place_as_papers(ports, ask, kMostProbes).placement) continue;
    ++refusals.fitting;
    refusals.first_fit += fits_first_fit(ports, ask, false) ? 0 : 1;
    refusals.largest_first += fits_first_fit(ports, ask, true) ? 0 : 1;
    refusals.exact += place(ports, ask) ? 0 : 1;
  }
  return refusals;
}

void add_refusals(std::string what, int refused, int fitting, Report& report) {
  report.table.add({std::move(what), fmt::format("{} of {}", refused, fitting), "", ""});
}

}  // namespace

Report solver_time(const Scale& scale) {
  Report report{.title = "S1: placing a pod on a node",
                .table = {.columns = {"case", "papers_probes", "papers_time", "exact_time"}}};
  std::vector<std::uint64_t> probes;
  probes.reserve(5);
  for (const std::size_t small : {4U, 8U, 12U, 16U, 18U}) {
    probes.push_back(add_trap(small, 2, report));
  }
  add_trap(10, 4, report);
  add_trap(63, 8, report);
  report.check("2 ports: each lane more doubles the papers' probes", probes[3] > 200 * probes[1]);
  report.check("2 ports, 18+1 lanes: more than a million probes", probes[4] > kMillion);

  const FalseRefusals refusals = false_refusals(scale.pods / 3, scale.seed);
  add_refusals("first fit refuses", refusals.first_fit, refusals.fitting, report);
  add_refusals("first fit, largest first, refuses", refusals.largest_first, refusals.fitting,
               report);
  add_refusals("place() refuses", refusals.exact, refusals.fitting, report);
  report.check("place() refuses no pod that fits", refusals.exact == 0 && refusals.fitting > 0);
  report.check("first fit refuses some, and more of them than largest first",
               refusals.first_fit > refusals.largest_first && refusals.largest_first > 0);
  return report;
}

Report two_lanes_of_100g(const Scale& /*scale*/) {
  struct Node {
    const char* name;
    std::vector<NodePort> ports;
    bool is_eligible;
  };
  const std::vector<Node> nodes = {
      {"1x200", {port_of(0, 200, 16, 200)}, true},
      {"2x100", {port_of(0, 100, 16, 100), port_of(1, 100, 16, 100)}, true},
      {"100+90", {port_of(0, 100, 16, 100), port_of(1, 100, 16, 90)}, false}};
  const PodAsk ask = ask_of({100, 100});
  Report report{.title = "X5: two lanes of 100 Gbit/s",
                .table = {.columns = {"node", "papers", "place()", "why"}}};
  for (const Node& node : nodes) {
    const bool papers = place_as_papers(node.ports, ask, kMostProbes).placement.has_value();
    const Result<Placement> exact = place(node.ports, ask);
    report.table.add({node.name, papers ? "eligible" : "rejected", exact ? "eligible" : "rejected",
                      exact ? "" : exact.error().message()});
    report.check(fmt::format("{} is {}", node.name, node.is_eligible ? "eligible" : "rejected"),
                 papers == node.is_eligible && exact.has_value() == node.is_eligible);
  }
  return report;
}

}  // namespace sluice::sim
