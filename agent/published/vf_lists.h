#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>

#include "pkg/inventory/types.h"
#include "pkg/netlink/links.h"

namespace sluice {

/// What the kernel says of the VFs of ports, for people who ask. Thread-safe.
class VfLists {
 public:
  using Clock = std::chrono::steady_clock;
  using ByLink = std::map<std::string, VfList>;

  /// An answer serves for so long: the kernel holds its RTNL lock while drivers make a list, and
  /// attaching lanes waits for that lock.
  static constexpr std::chrono::seconds kFresh{1};

  /// `links` must outlive this object, and is its own.
  explicit VfLists(Links& links) : links_(links) {}

  /// The lists of those ports that have a link here; without those that the kernel does not give.
  ByLink read(const Inventory& inventory, Clock::time_point now = Clock::now());

 private:
  Links& links_;
  std::mutex mutex_;  // Guards those below, and links_.
  ByLink lists_;
  std::optional<Clock::time_point> read_at_;
};

}  // namespace sluice
