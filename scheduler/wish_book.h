#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>

#include "pkg/base/backoff.h"
#include "pkg/kube/lease.h"
#include "scheduler/demand.h"

namespace sluice {

/// When a wish that is not served is given up; others are for tests.
struct WishTimes {
  /// Without one offer more. Half a minute is usual. At worst the agent withdraws nothing in a
  /// minute, for the kubelet or itself has just started, and a withdrawal takes another
  /// (kWithdrawalTimeout); then it has to be published.
  std::chrono::seconds timeout{150};
  /// The class is not wished of the node for so long, each time twice as long. At first as long as
  /// agents leave a VF alone whose withdrawal has failed (kWithdrawalPause).
  Backoff::Limits pause{.first = std::chrono::minutes(5), .longest = std::chrono::hours(1)};
};

/// A class that is not wished of a node for a while.
struct GivenUpWish {
  std::string node;
  std::string class_name;
  int wished = 0;
  int offered = 0;
  std::chrono::milliseconds pause{0};
};

/// How far the wishes have come that NodeLanes show, and which were given up. What has not reached
/// the API is not in it, so a wish that could not be written is never taken for unserved. A new
/// leader begins with an empty one, which is safe: it keeps the wishes it finds for one timeout
/// more, or tries a node that was given up once more; offers are promised by agents alone. One
/// thread at a time.
class WishBook final {
 public:
  struct Options {
    WishTimes times;
    std::function<std::chrono::nanoseconds()> now = boot_time;
    std::function<void(const GivenUpWish& wish)> given_up = [](const GivenUpWish& /*wish*/) {};
  };

  explicit WishBook(Options options) : options_(std::move(options)) {}

  /// Gives up wishes that have waited too long, and takes the classes given up out of what the
  /// nodes offer, so that wishes_for() passes them over. To be called every few seconds with all
  /// nodes that have wishes, in the order of their names. After a wish that was served the node's
  /// next pause is the first again.
  void judge(std::span<ClassNode> nodes);

 private:
  using Time = std::chrono::nanoseconds;
  using Key = std::pair<std::string, std::string>;  // Node and class.

  struct Unserved {
    int offered = 0;  // The most so far,
    Time since{0};    // and for how long.
  };

  struct Pause {
    Backoff times;
    Time until{0};
  };

  bool is_paused(const Key& key, Time now) const;
  void give_up(const Key& key, int wished, int offered, Time now);
  void take_out_paused(std::span<ClassNode> nodes, Time now) const;

  const Options options_;
  std::map<Key, Unserved> unserved_;
  std::map<Key, Pause> pauses_;
};

}  // namespace sluice
