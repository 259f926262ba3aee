#include "pkg/bandwidth/shortage.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <numeric>

#include "pkg/bandwidth/admission.h"

namespace sluice {
namespace {

/// In steps of the driver.
using Steps = std::vector<std::uint64_t>;

std::uint64_t sum_of(const Steps& parts) {
  return std::accumulate(parts.begin(), parts.end(), std::uint64_t{0});
}

/// `rest` of `all`, of which there is only `left`. No product of two port rates in steps of
/// 1 Mbit/s, or of 1 kbit/s up to 4 Tbit/s, passes 64 bits.
std::uint64_t part_of(std::uint64_t left, std::uint64_t rest, std::uint64_t all) {
  return all == 0 ? 0 : left * rest / all;
}

/// `promised` cut down to `usable`, none below `least` that was not.
Steps scaled(const Steps& promised, std::uint64_t usable, std::uint64_t least) {
  Steps floors;
  std::transform(promised.begin(), promised.end(), std::back_inserter(floors),
                 [least](std::uint64_t floor) { return std::min(floor, least); });
  const std::uint64_t kept = sum_of(floors);
  const std::uint64_t left = usable > kept ? usable - kept : 0;
  const std::uint64_t all = sum_of(promised) - kept;
  for (std::size_t i = 0; i < floors.size(); ++i) {
    floors[i] += part_of(left, promised[i] - floors[i], all);
  }
  return floors;
}

}  // namespace

std::vector<BitRate> floors_in_force(const DriverCapability& capability, BitRate usable,
                                     std::span<const Rate> asked) {
  std::vector<BitRate> floors;
  for (const Rate& rate : asked) floors.push_back(effective_promise(capability, rate.floor));
  const BitRate promised = std::accumulate(floors.begin(), floors.end(), BitRate());
  if (promised <= usable) return floors;

  const std::uint64_t step = capability.step.as_bits_per_second();
  Steps steps;
  for (const BitRate floor : floors) steps.push_back(floor.as_bits_per_second() / step);
  const std::uint64_t least =
      effective_promise(capability, BitRate::bits_per_second(1)).as_bits_per_second() / step;
  steps = scaled(steps, usable.as_bits_per_second() / step, least);
  for (std::size_t i = 0; i < floors.size(); ++i) {
    floors[i] = BitRate::bits_per_second(steps[i] * step);
  }
  return floors;
}

}  // namespace sluice
