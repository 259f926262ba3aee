#pragma once

#include <sched.h>

#include <cerrno>
#include <optional>
#include <thread>

#include "pkg/netlink/netns.h"

namespace sluice {

/// A new network namespace that lives as long as something refers to it.
inline Result<NetNs> fresh_netns() {
  std::optional<Result<NetNs>> netns;
  std::jthread([&] {
    if (::unshare(CLONE_NEWNET) != 0) {
      netns.emplace(Error::from_errno(errno, "make network namespace"));
      return;
    }
    netns.emplace(NetNs::current());
  }).join();
  return *std::move(netns);
}

}  // namespace sluice
