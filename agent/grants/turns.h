#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <string>

#include "pkg/base/result.h"

namespace sluice {

/// One call at a time for each claim or pod: what took too long is asked again. Thread-safe.
class Turns {
 public:
  /// The turn of a UID, given back with this object.
  class Turn {
   public:
    Turn(Turns& turns, std::string uid) : turns_(&turns), uid_(std::move(uid)) {}
    Turn(Turn&& other) noexcept;
    Turn& operator=(Turn&&) = delete;
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn();

   private:
    Turns* turns_;
    std::string uid_;
  };

  /// busy when another call has the UID for that long.
  Result<Turn> take(const std::string& uid, std::chrono::milliseconds timeout);

 private:
  std::mutex mutex_;  // Guards those below.
  std::condition_variable given_back_;
  std::set<std::string> taken_;
};

}  // namespace sluice
