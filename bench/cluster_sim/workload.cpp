#include "bench/cluster_sim/workload.h"

#include <algorithm>
#include <random>

#include "pkg/base/strings.h"

namespace sluice::sim {
namespace {

PodAsk lanes(const std::vector<std::uint64_t>& gbps) {
  PodAsk ask;
  ask.lanes.reserve(gbps.size());
  for (const std::uint64_t floor : gbps) {
    ask.lanes.push_back({.rate = {.floor = BitRate::gbps(floor), .ceiling = {}}});
  }
  return ask;
}

PodAsk lanes(std::size_t count, std::uint64_t gbps) {
  return lanes(std::vector<std::uint64_t>(count, gbps));
}

Mix mixed() {
  return {{.name = "best effort", .ask = lanes({0}), .part = 0.080, .hours = 4},
          {.name = "web", .ask = lanes({1}), .part = 0.250, .hours = 4},
          {.name = "cache", .ask = lanes({4}), .part = 0.180, .hours = 8},
          {.name = "storage", .ask = lanes({10}), .part = 0.140, .hours = 24},
          {.name = "stream", .ask = lanes({15, 5, 0}), .part = 0.060, .hours = 12},
          {.name = "inference", .ask = lanes({25}), .part = 0.100, .hours = 6},
          {.name = "replica", .ask = lanes({8, 8}), .part = 0.060, .hours = 24},
          {.name = "train 2x25G", .ask = lanes(2, 25), .part = 0.050, .hours = 12},
          {.name = "train 40G", .ask = lanes({40}), .part = 0.030, .hours = 12},
          {.name = "train 2x50G", .ask = lanes(2, 50), .part = 0.022, .hours = 12},
          {.name = "train 100G", .ask = lanes({100}), .part = 0.015, .hours = 12},
          {.name = "train 2x100G", .ask = lanes(2, 100), .part = 0.009, .hours = 12},
          {.name = "train 4x100G", .ask = lanes(4, 100), .part = 0.0035, .hours = 24},
          {.name = "train 8x200G", .ask = lanes(8, 200), .part = 0.0005, .hours = 24}};
}

/// Pods of the sort that an unbounded fleet would have for each pod that comes an hour.
double alive(const PodSort& sort) {
  return sort.part * sort.hours;
}

/// Pods an hour that ask `load` of the fleet's bandwidth at any time.
double arrivals_an_hour(const Fleet& fleet, const Mix& mix, double load) {
  double asked = 0;
  for (const PodSort& sort : mix) {
    asked += alive(sort) * static_cast<double>(sort.floors().as_bits_per_second());
  }
  return load * static_cast<double>(fleet.usable().as_bits_per_second()) / asked;
}

}  // namespace

BitRate PodSort::floors() const {
  BitRate sum;
  for (const LaneAsk& lane : ask.lanes) sum += lane.rate.floor;
  return sum;
}

BitRate PodSort::largest_floor() const {
  BitRate largest;
  for (const LaneAsk& lane : ask.lanes) largest = std::max(largest, lane.rate.floor);
  return largest;
}

Result<Mix> make_mix(std::string_view name) {
  Mix mix = mixed();
  if (name == "small") {
    std::erase_if(mix, [](const PodSort& s) { return s.largest_floor() > BitRate::gbps(25); });
  } else if (name != "mixed") {
    return Error(Code::invalid_argument,
                 fmt::format("mix {}: want mixed or small", in_quotes(name)));
  }
  double sum = 0;
  for (const PodSort& sort : mix) sum += sort.part;
  for (PodSort& sort : mix) sort.part /= sum;
  return mix;
}

Workload make_workload(const Fleet& fleet, const Mix& mix, const WorkloadSize& size) {
  std::mt19937_64 random(size.seed);
  const double an_hour = arrivals_an_hour(fleet, mix, size.load);
  Workload workload;
  std::vector<double> parts;
  parts.reserve(mix.size());
  const auto add = [&](double comes, std::size_t sort) {
    std::exponential_distribution<double> life(1 / mix[sort].hours);
    workload.pods.push_back({.comes = comes, .goes = comes + life(random), .sort = sort});
  };
  for (std::size_t sort = 0; sort < mix.size(); ++sort) {
    parts.push_back(mix[sort].part);
    std::poisson_distribution<int> start(an_hour * alive(mix[sort]));
    for (int left = start(random); left > 0; --left) add(0, sort);
  }
  std::shuffle(workload.pods.begin(), workload.pods.end(), random);
  std::discrete_distribution<std::size_t> sort_of(parts.begin(), parts.end());
  std::exponential_distribution<double> gap(an_hour);
  double now = 0;
  for (std::size_t i = 0; i < size.pods; ++i) {
    now += gap(random);
    add(now, sort_of(random));
  }
  workload.measured_from = now / 2;
  workload.ends = now;
  return workload;
}

}  // namespace sluice::sim
