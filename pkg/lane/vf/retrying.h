#pragma once

#include <cerrno>
#include <chrono>
#include <functional>
#include <thread>

#include "pkg/base/result.h"

namespace sluice {

/// How long a driver is given that answers EBUSY or EAGAIN: it resets the VF, which takes ice up to
/// 0.8 s and i40e 0.3 s (ice_vf_lib.c, i40e_virtchnl_pf.c). A time and not a number of tries: ice
/// blocks for most of it in each, with RTNL held.
inline constexpr std::chrono::seconds kResetTimeout{2};

/// What a VF answers while its driver or its port resets it: iavf ENODEV on Linux 6.1, EBUSY and
/// EIO later (intel/iavf/iavf_main.c iavf_open, net/core/dev.c __dev_open).
inline bool is_of_reset(const Error& error) {
  return error.code() == Code::busy || error.sys_errno() == ENODEV || error.sys_errno() == EIO;
}

/// How long a VF in reset is given: iavf waits up to 5 s to see it (iavf_main.c iavf_reset_task).
inline constexpr std::chrono::seconds kVfResetTimeout{5};

/// `request` until it succeeds, fails with something that `is_transient` is not for, or the time is
/// over; then its last answer.
inline Result<> retrying(const std::function<Result<>()>& request,
                         const std::function<bool(const Error&)>& is_transient,
                         std::chrono::milliseconds timeout = kResetTimeout) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point deadline = Clock::now() + timeout;
  std::chrono::milliseconds pause{5};
  for (;;) {
    Result<> done = request();
    if (done || !is_transient(done.error()) || Clock::now() + pause > deadline) return done;
    std::this_thread::sleep_for(pause);
    pause *= 2;
  }
}

inline Result<> retrying(const std::function<Result<>()>& request) {
  return retrying(request, [](const Error& error) { return error.code() == Code::busy; });
}

}  // namespace sluice
