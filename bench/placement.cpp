// Placements of 64 lanes on 8 ports that are nearly full, those that the papers' algorithm could
// not finish, and how many of the hardest are given up.
#include <random>

#include "bench/bench.h"
#include "pkg/placement/place.h"
#include "pkg/placement/score.h"

namespace sluice::bench {
namespace {

constexpr std::size_t kPorts = 8;
constexpr int kCases = 2'000;
constexpr std::size_t kKibibyte = 1'024;

NodePort port_with(std::uint64_t number, BitRate free, int vfs) {
  return {.name = fmt::format("0000:{:02x}:00.0", 0x10 + number),
          .link = fmt::format("ens{}f0np0", number),
          .numa_node = static_cast<int>(number % 2),
          .driver = "mlx5_core",
          .line_rate = BitRate::gbps(100),
          .usable = BitRate::gbps(100),
          .promised = BitRate::gbps(100) - free,
          .free_vfs = vfs};
}

struct Case {
  std::vector<NodePort> ports;
  PodAsk ask;
};

Case lanes_on(std::size_t count, BitRate floor, std::vector<NodePort> ports) {
  Case made{.ports = std::move(ports), .ask = {}};
  made.ask.lanes.assign(count, {.rate = {.floor = floor, .ceiling = {}}});
  return made;
}

/// Ports of which other pods have a part, and lanes that ask for thousandths of what is free in
/// whole units.
class CaseMaker {
 public:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  /// Where VFs are of two sorts, one in three is bound to vfio-pci, and as many lanes ask for that.
  Case crowded(std::uint64_t thousandths, BitRate unit, bool two_sorts) {
    Case made;
    BitRate left;
    for (std::uint64_t number = 0; number < kPorts; ++number) {
      const BitRate free = BitRate::gbps(20 + below(81));
      made.ports.push_back(port_with(number, free, static_cast<int>(4 + below(12))));
      left += free;
      if (!two_sorts) continue;
      NodePort& port = made.ports.back();
      port.free_vfio_vfs = *port.free_vfs / 3;
      *port.free_vfs -= port.free_vfio_vfs;
    }
    left = BitRate::bits_per_second(left.as_bits_per_second() / 1'000 * thousandths);
    while (made.ask.lanes.size() < kMostLanes && !left.is_zero()) {
      const BitRate floor = std::min(left, BitRate::mbps(1 + below(20'000)).rounded_up(unit));
      made.ask.lanes.push_back({.rate = {.floor = floor, .ceiling = {}}});
      made.ask.lanes.back().vfio = two_sorts && below(3) == 0;
      left = left - floor;
    }
    return made;
  }

 private:
  std::mt19937_64 random_{20260303};
};

/// What no bound or order saves a plain search from.
std::vector<Case> traps() {
  std::vector<Case> all;
  const BitRate all_free = BitRate::gbps(100);
  all.push_back(
      lanes_on(60, BitRate::gbps(1), {port_with(0, all_free, 30), port_with(1, all_free, 29)}));
  all.push_back(lanes_on(21, {}, {port_with(0, all_free, 10), port_with(1, all_free, 10)}));
  for (std::size_t lanes = 1; lanes < kMostLanes; ++lanes) {
    for (const std::uint64_t ports : {2U, 4U, 8U}) {
      Case made = lanes_on(lanes, BitRate::mbps(1), {});
      for (std::uint64_t i = 0; i < ports; ++i) {
        made.ports.push_back(port_with(i, BitRate::gbps(50), 64));
      }
      made.ask.lanes.push_back({.rate = {.floor = BitRate::gbps(60), .ceiling = {}}});
      all.push_back(std::move(made));
    }
  }
  const auto paper = [&all](const std::vector<std::uint64_t>& floors, std::uint64_t first,
                            std::uint64_t second, int vfs) {
    Case made{
        .ports = {port_with(0, BitRate::gbps(first), 10), port_with(1, BitRate::gbps(second), vfs)},
        .ask = {}};
    for (const std::uint64_t floor : floors) {
      made.ask.lanes.push_back({.rate = {.floor = BitRate::gbps(floor), .ceiling = {}}});
    }
    all.push_back(std::move(made));
  };
  paper({3, 3, 8}, 9, 6, 10);
  paper({3, 3, 8}, 9, 6, 1);
  paper({8, 3, 3, 3, 3}, 12, 8, 10);
  paper({8, 3, 3, 3, 3}, 10, 11, 10);
  return all;
}

struct Times {
  std::vector<double> all;
  int given_up = 0;

  /// The time that a part of the cases takes at most.
  double of(double part) {
    std::sort(all.begin(), all.end());
    const auto place = static_cast<std::size_t>(part * static_cast<double>(all.size()));
    return all[std::min(place, all.size() - 1)];
  }
};

/// The best of five times each: a case that takes long takes long every time.
void measure(const Case& made, Times& times) {
  double best = 1;
  bool given_up = false;
  for (int i = 0; i < 5; ++i) {
    best = std::min(best, seconds([&] {
                      const Result<Placement> placement = place(made.ports, made.ask);
                      given_up = !placement && placement.error().code() == Code::timed_out;
                    }));
  }
  times.all.push_back(best);
  times.given_up += given_up ? 1 : 0;
}

Times crowded(std::initializer_list<std::uint64_t> thousandths, BitRate unit,
              bool two_sorts = false) {
  CaseMaker maker;
  Times times;
  for (int i = 0; i < kCases; ++i) {
    for (const std::uint64_t part : thousandths)
      measure(maker.crowded(part, unit, two_sorts), times);
  }
  return times;
}

bool is_fast(const char* what, double measured, std::size_t kibibytes) {
  return print({.what = what,
                .measured = measured,
                .reference = arithmetic(kibibytes * kKibibyte),
                .reference_name = fmt::format("FNV-1a of {} KiB", kibibytes),
                .most_ratio = 1});
}

/// Of one node of a filter's thousands: the best of many rounds, each long enough for the clock.
double suitability_of_a_node() {
  constexpr int kRounds = 50;
  constexpr int kTimes = 1'000;
  std::vector<NodePort> ports;
  for (std::uint64_t i = 0; i < 4; ++i) ports.push_back(port_with(i, BitRate::gbps(50 + i), 32));
  const Case made = lanes_on(2, BitRate::gbps(25), std::move(ports));
  const Placement placement = place(made.ports, made.ask).value_or(Placement());
  double best = 1;
  volatile double kept = 0;  // Else the compiler would do without the work.
  for (int round = 0; round < kRounds; ++round) {
    best = std::min(best, seconds([&] {
                      for (int i = 0; i < kTimes; ++i) {
                        kept = suitability(Policy::best_suited, made.ports, made.ask, placement);
                      }
                    }));
  }
  return best / kTimes;
}

void print_given_up(const char* what, Times times) {
  print({.what = fmt::format("{}, given up", what),
         .measured = times.given_up / static_cast<double>(times.all.size()),
         .reference = {},
         .reference_name = {},
         .text = percent});
  print({.what = fmt::format("{}, slowest", what),
         .measured = times.of(1),
         .reference = arithmetic(kKibibyte * kKibibyte),
         .reference_name = "FNV-1a of 1 MiB"});
}

bool run() {
  Times whole = crowded({900, 950, 980, 1'000, 1'010}, BitRate::gbps(1));
  Times many = crowded({900, 950, 980, 990, 1'010}, BitRate::mbps(1));
  Times sorts = crowded({500, 700, 900, 950, 1'000}, BitRate::gbps(1), true);
  const Times full = crowded({1'000}, BitRate::mbps(1));
  Times trapped;
  for (const Case& made : traps()) measure(made, trapped);
  bool fast = is_fast("placement, floors in Gbit/s, median", whole.of(0.5), 48);
  fast &= is_fast("placement, floors in Gbit/s, 99 of 100 within", whole.of(0.99), 96);
  fast &= is_fast("placement, floors in Mbit/s, 99 of 100 within", many.of(0.99), 96);
  fast &= is_fast("placement, VFs of two sorts, 99 of 100 within", sorts.of(0.99), 96);
  fast &= is_fast("placement, traps of plain search, slowest", trapped.of(1), 512);
  fast &= is_fast("placement, score of 2 lanes on 4 ports", suitability_of_a_node(), 1);
  print_given_up("placement, floors in Gbit/s", whole);
  print_given_up("placement, floors in Mbit/s", many);
  print_given_up("placement, VFs of two sorts", sorts);
  print_given_up("placement, floors in Mbit/s, nothing to spare", full);
  return fast && trapped.given_up == 0;
}

}  // namespace
}  // namespace sluice::bench

int main() {
  return sluice::bench::run() ? 0 : 1;
}
