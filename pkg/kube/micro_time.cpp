#include "pkg/kube/micro_time.h"

#include <fmt/format.h>

#include <ctime>

namespace sluice {

std::string micro_time(std::chrono::system_clock::time_point time) {
  const auto since = time.time_since_epoch();
  const std::time_t whole = std::chrono::duration_cast<std::chrono::seconds>(since).count();
  const auto rest =
      std::chrono::duration_cast<std::chrono::microseconds>(since).count() % 1'000'000;
  std::tm utc{};
  ::gmtime_r(&whole, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", utc.tm_year + 1900,
                     utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, rest);
}

}  // namespace sluice
