#include "bench/cluster_sim/contestant.h"

#include "pkg/base/strings.h"

namespace sluice::sim {
namespace {

constexpr std::uint64_t kMostProbes = 1'000'000;

struct Room {
  std::uint64_t free = 0;  // bit/s
  int vfs = 0;
};

std::vector<Room> rooms_of(const std::vector<NodePort>& ports, const PodAsk& ask) {
  std::vector<Room> rooms;
  rooms.reserve(ports.size());
  for (const NodePort& port : ports) {
    rooms.push_back({.free = (port.usable - port.promised).as_bits_per_second(),
                     .vfs = port.free_vfs.value_or(static_cast<int>(ask.lanes.size()))});
  }
  return rooms;
}

/// Device plugins know VFs, not what they carry: lanes go to ports as their VFs are listed.
std::optional<Placement> count_vfs(const std::vector<NodePort>& ports, const PodAsk& ask) {
  std::vector<Room> rooms = rooms_of(ports, ask);
  Placement placement;
  placement.reserve(ask.lanes.size());
  for (std::size_t port = 0; port < rooms.size();) {
    if (placement.size() == ask.lanes.size()) break;
    if (rooms[port].vfs == 0) {
      ++port;
      continue;
    }
    --rooms[port].vfs;
    placement.push_back(port);
  }
  if (placement.size() < ask.lanes.size()) return std::nullopt;
  return placement;
}

}  // namespace

PapersAnswer place_as_papers(const std::vector<NodePort>& ports, const PodAsk& ask,
                             std::uint64_t most_probes) {
  PapersAnswer answer;
  std::vector<Room> rooms = rooms_of(ports, ask);
  Placement placement;
  std::size_t port = 0;  // The next one to try for the lane behind `placement`.
  while (placement.size() < ask.lanes.size()) {
    const std::uint64_t floor = ask.lanes[placement.size()].rate.floor.as_bits_per_second();
    const auto has_room = [&] { return rooms[port].vfs > 0 && rooms[port].free >= floor; };
    while (port < rooms.size()) {
      ++answer.probes;
      if (has_room()) break;
      ++port;
    }
    if (answer.probes >= most_probes) {
      answer.given_up = true;
      return answer;
    }
    if (port < rooms.size()) {
      rooms[port].free -= floor;
      --rooms[port].vfs;
      placement.push_back(port);
      port = 0;
      continue;
    }
    if (placement.empty()) return answer;
    port = placement.back();
    placement.pop_back();
    rooms[port].free += ask.lanes[placement.size()].rate.floor.as_bits_per_second();
    ++rooms[port].vfs;
    ++port;
  }
  answer.placement = std::move(placement);
  return answer;
}

std::optional<Placement> Contestant::place_on(const std::vector<NodePort>& ports,
                                              const PodAsk& ask) const {
  if (fit == Fit::vf_count) return count_vfs(ports, ask);
  Result<Placement> placement = place(ports, ask);
  if (!placement) return std::nullopt;
  if (fit == Fit::first_fit) return place_as_papers(ports, ask, kMostProbes).placement;
  return std::move(placement).release();
}

double Contestant::score(const std::vector<NodePort>& ports, const PodAsk& ask,
                         const Placement& placement) const {
  return policy ? suitability(*policy, ports, ask, placement) : 0;
}

const std::vector<Contestant>& contestants() {
  static const std::vector<Contestant> kAll = {
      {.name = "count-only", .fit = Fit::vf_count, .policy = {}},
      {.name = "papers", .fit = Fit::first_fit, .policy = {}},
      {.name = "spread", .fit = Fit::exact, .policy = Policy::spread},
      {.name = "pack", .fit = Fit::exact, .policy = Policy::pack},
      {.name = "best-suited", .fit = Fit::exact, .policy = Policy::best_suited}};
  return kAll;
}

Result<Contestant> contestant_of(std::string_view name) {
  std::string known;
  for (const Contestant& contestant : contestants()) {
    if (contestant.name == name) return contestant;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", contestant.name);
  }
  return Error(Code::invalid_argument,
               fmt::format("policy {}: want one of {}", in_quotes(name), known));
}

}  // namespace sluice::sim
