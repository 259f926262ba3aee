#pragma once

#include <chrono>
#include <functional>
#include <thread>

namespace sluice {

/// Waits until `holds`, for what other threads or programs are to do; false when it does not in
/// time.
inline bool eventually(const std::function<bool()>& holds,
                       std::chrono::seconds time = std::chrono::seconds(20)) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

}  // namespace sluice
