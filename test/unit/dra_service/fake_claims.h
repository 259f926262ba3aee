#pragma once

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "dra/service/claim_handler.h"

namespace sluice::dra {

/// A driver that keeps claims in memory. Each has one device with two CDI IDs and a share, but a
/// claim whose name begins with "whole" has no share.
class FakeClaims final : public ClaimHandler {
 public:
  Result<std::vector<PreparedDevice>> prepare(const ClaimRef& claim) override {
    const Result<> allowed = enter(claim);
    if (!allowed) return allowed.error();
    const std::lock_guard lock(mutex_);
    prepared_.insert(claim.uid);
    const bool is_whole = claim.name.starts_with("whole");
    return std::vector<PreparedDevice>{
        {.requests = {"vf0"},
         .pool = "node-a",
         .device = "pf0",
         .cdi_ids = {"sluice.dev/claim=" + claim.uid + "-0", "sluice.dev/claim=limits"},
         .share_id = is_whole ? "" : "share-" + claim.uid,
         .rate = {.floor = BitRate::gbps(20), .ceiling = BitRate::gbps(40)}}};
  }

  Result<> unprepare(const ClaimRef& claim) override {
    const Result<> allowed = enter(claim);
    const std::lock_guard lock(mutex_);
    if (allowed) prepared_.erase(claim.uid);
    return allowed;
  }

  /// Calls for the claim end with this text.
  void fail(const std::string& uid, const std::string& why) {
    const std::lock_guard lock(mutex_);
    failures_[uid] = why;
  }

  /// Calls stay in the handler until release().
  void hold() {
    const std::lock_guard lock(mutex_);
    is_held_ = true;
  }

  void release() {
    {
      const std::lock_guard lock(mutex_);
      is_held_ = false;
    }
    changed_.notify_all();
  }

  /// Whether that many calls are in the handler within ten seconds.
  bool wait_inside(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return inside_ == count; });
  }

  std::size_t most_inside() const {
    const std::lock_guard lock(mutex_);
    return most_inside_;
  }

  std::set<std::string> prepared() const {
    const std::lock_guard lock(mutex_);
    return prepared_;
  }

 private:
  Result<> enter(const ClaimRef& claim) {
    std::unique_lock lock(mutex_);
    most_inside_ = std::max(most_inside_, ++inside_);
    changed_.notify_all();
    changed_.wait(lock, [&] { return !is_held_; });
    --inside_;
    const auto failure = failures_.find(claim.uid);
    if (failure == failures_.end()) return {};
    return Error(Code::exhausted, "claim '" + claim.label() + "': " + failure->second);
  }

  mutable std::mutex mutex_;  // Guards all below.
  std::condition_variable changed_;
  std::map<std::string, std::string> failures_;
  std::set<std::string> prepared_;
  bool is_held_ = false;
  std::size_t inside_ = 0;
  std::size_t most_inside_ = 0;
};

}  // namespace sluice::dra
