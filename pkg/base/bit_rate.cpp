#include "pkg/base/bit_rate.h"

#include <fmt/format.h>

namespace sluice {

std::string to_string(BitRate rate) {
  struct Unit {
    std::uint64_t size;
    const char* name;
  };
  static constexpr Unit kUnits[] = {{1'000'000'000'000, "Tbit/s"},
                                    {1'000'000'000, "Gbit/s"},
                                    {1'000'000, "Mbit/s"},
                                    {1'000, "kbit/s"}};
  const std::uint64_t bits = rate.as_bits_per_second();
  for (const Unit& unit : kUnits) {
    if (bits < unit.size || bits % (unit.size / 1000) != 0) continue;
    const std::uint64_t thousandths = bits % unit.size / (unit.size / 1000);
    if (thousandths == 0) return fmt::format("{} {}", bits / unit.size, unit.name);
    std::string fraction = fmt::format("{:03}", thousandths);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    return fmt::format("{}.{} {}", bits / unit.size, fraction, unit.name);
  }
  return fmt::format("{} bit/s", bits);
}

}  // namespace sluice
