#pragma once

#ifdef SLUICE_CRASH_POINTS
#include <csignal>
#include <cstdlib>
#include <string_view>
#endif

namespace sluice {

/// A named place at which a fault-injection test can end the process as kill -9 would: it does so
/// when the environment variable SLUICE_CRASH_AT holds `name`. Compiled into test builds only
/// (option SLUICE_CRASH_POINTS); in release builds it is nothing.
inline void crash_point([[maybe_unused]] const char* name) {
#ifdef SLUICE_CRASH_POINTS
  const char* const at = std::getenv("SLUICE_CRASH_AT");  // NOLINT(concurrency-mt-unsafe)
  if (at != nullptr && std::string_view(at) == name) static_cast<void>(std::raise(SIGKILL));
#endif
}

}  // namespace sluice
