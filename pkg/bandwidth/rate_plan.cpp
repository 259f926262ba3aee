#include "pkg/bandwidth/rate_plan.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "pkg/bandwidth/shortage.h"

namespace sluice {
namespace {

/// A ceiling as the driver sets it: rounded down, for a ceiling is never exceeded, but never to
/// zero, which would be no limit at all.
BitRate settable_ceiling(const DriverCapability& capability, BitRate ceiling) {
  const BitRate smallest = capability.least.rounded_up(capability.step);
  return std::max(ceiling.rounded_down(capability.step), smallest);
}

BitRate unlimited(const DriverCapability& capability, BitRate line_rate) {
  return capability.zero_clears ? BitRate() : line_rate.rounded_down(capability.step);
}

/// What was asked for, as far as the wire carries it: drivers refuse more. Zero is unlimited.
BitRate by_hardware(const DriverCapability& capability, BitRate line_rate, BitRate asked) {
  if (asked.is_zero()) return unlimited(capability, line_rate);
  return settable_ceiling(capability, line_rate.is_zero() ? asked : std::min(asked, line_rate));
}

BitRate by_weight(const DriverCapability& capability, BitRate usable, BitRate asked) {
  return settable_ceiling(capability, asked.is_zero() ? usable : std::min(asked, usable));
}

/// The largest level with sum of min(wants[i], level) <= spare; the largest number when all wants
/// can be met. Whole units, so nothing depends on the order of the wants.
std::uint64_t water_level(std::vector<std::uint64_t> wants, std::uint64_t spare) {
  std::sort(wants.begin(), wants.end());
  std::uint64_t sharers = wants.size();
  for (const std::uint64_t want : wants) {
    if (want > spare / sharers) return spare / sharers;
    spare -= want;
    --sharers;
  }
  return std::numeric_limits<std::uint64_t>::max();
}

/// All in units of the driver's step.
struct Division {
  std::vector<std::uint64_t> floors;
  std::vector<std::uint64_t> wants;  ///< What each lane can use above its floor.
  std::uint64_t usable = 0;
  std::uint64_t taken = 0;  ///< Floors and what is promised elsewhere.
};

Division divide(const DriverCapability& capability, const PortShare& port,
                std::span<const Rate> asked) {
  const std::uint64_t step = capability.step.as_bits_per_second();
  const auto units = [step](BitRate rate) { return rate.as_bits_per_second() / step; };
  const BitRate bound =
      capability.most.is_zero() ? port.usable : std::min(port.usable, capability.most);

  Division division;
  division.usable = units(port.usable);
  division.taken = units(port.promised_elsewhere.rounded_up(capability.step));
  const std::vector<BitRate> floors = floors_in_force(capability, port.usable, asked);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const BitRate ceiling = asked[i].ceiling.is_zero() ? bound : std::min(asked[i].ceiling, bound);
    const std::uint64_t floor = units(floors[i]);
    const std::uint64_t most = units(ceiling);
    division.floors.push_back(floor);
    division.wants.push_back(most > floor ? most - floor : 0);
    division.taken += floor;
  }
  return division;
}

bool owns_the_port(const PortShare& port, std::span<const Rate> asked) {
  return asked.size() == 1 && asked.front().ceiling.is_zero() &&
         port.promised_elsewhere.is_zero() && port.usable == port.line_rate;
}

std::vector<Rate> by_ceilings(const DriverCapability& capability, const PortShare& port,
                              std::span<const Rate> asked) {
  const Division division = divide(capability, port, asked);
  const auto rate_of = [&capability](std::uint64_t units) {
    return BitRate::bits_per_second(units * capability.step.as_bits_per_second());
  };
  if (owns_the_port(port, asked)) {
    return {{.floor = {}, .ceiling = unlimited(capability, port.line_rate)}};
  }
  const std::uint64_t spare =
      division.usable > division.taken ? division.usable - division.taken : 0;
  const std::uint64_t level = water_level(division.wants, spare);
  std::vector<Rate> rates;
  rates.reserve(asked.size());
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const std::uint64_t part = std::min(division.wants[i], level);
    rates.push_back({.floor = {}, .ceiling = rate_of(division.floors[i] + part)});
  }
  return rates;
}

}  // namespace

Result<std::vector<Rate>> in_force(const DriverCapability& capability, const PortShare& port,
                                   std::span<const Rate> asked) {
  for (const Rate& rate : asked) {
    if (!rate.ceiling.is_zero() && rate.floor > rate.ceiling) {
      return Error(Code::invalid_argument,
                   fmt::format("floor {} is above ceiling {}", to_string(rate.floor),
                               to_string(rate.ceiling)));
    }
  }
  if (capability.floor == FloorEnforcement::emulated) return by_ceilings(capability, port, asked);

  std::vector<Rate> rates(asked.size());
  if (capability.floor == FloorEnforcement::none) return rates;
  const std::vector<BitRate> floors = floors_in_force(capability, port.usable, asked);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const BitRate ceiling = capability.floor == FloorEnforcement::hardware
                                ? by_hardware(capability, port.line_rate, asked[i].ceiling)
                                : by_weight(capability, port.usable, asked[i].ceiling);
    rates[i] = {.floor = floors[i], .ceiling = ceiling};
  }
  return rates;
}

Rate released_rate(const DriverCapability& capability, BitRate line_rate) {
  return {.floor = {}, .ceiling = unlimited(capability, line_rate)};
}

bool lowers(const RateUpdate& change) {
  if (!change.after) return true;
  if (!change.before) return false;
  if (change.after->floor != change.before->floor) {
    return change.after->floor < change.before->floor;
  }
  const BitRate before = change.before->ceiling;
  const BitRate after = change.after->ceiling;
  return !after.is_zero() && (before.is_zero() || after < before);
}

std::vector<std::size_t> write_order(std::span<const RateUpdate> changes) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (changes[i].before != changes[i].after) order.push_back(i);
  }
  std::stable_partition(order.begin(), order.end(),
                        [changes](std::size_t i) { return lowers(changes[i]); });
  return order;
}

}  // namespace sluice
