#pragma once

#include <algorithm>
#include <chrono>

namespace sluice {

/// The pause between two looks at a VF that its last owner holds, `waited` so far: at first about
/// one namespace move (16 ms, measured), and longer as the wait goes on, for looking takes
/// processor and lock from the DEL that is waited for.
inline std::chrono::milliseconds pause_after(std::chrono::steady_clock::duration waited) {
  using std::chrono::milliseconds;
  return std::clamp(std::chrono::duration_cast<milliseconds>(waited / 8), milliseconds(20),
                    milliseconds(250));
}

/// How long the next of several lanes of a pod may wait. They share `whole`, of which `left` is
/// left, negative when it is overdrawn. When another pod's DEL has used it up but goes on, which
/// the lane before this one has shown, there are ten seconds more, unless `whole` is less.
inline std::chrono::milliseconds timeout_of_next(std::chrono::milliseconds whole,
                                                 std::chrono::steady_clock::duration left) {
  using std::chrono::milliseconds;
  return std::max(std::chrono::duration_cast<milliseconds>(left),
                  std::min(whole, milliseconds(10'000)));
}

}  // namespace sluice
