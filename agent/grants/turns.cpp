#include "agent/grants/turns.h"

#include <utility>

namespace sluice {

Turns::Turn::Turn(Turn&& other) noexcept
    : turns_(std::exchange(other.turns_, nullptr)), uid_(std::move(other.uid_)) {}

Turns::Turn::~Turn() {
  if (turns_ == nullptr) return;
  {
    const std::lock_guard lock(turns_->mutex_);
    turns_->taken_.erase(uid_);
  }
  turns_->given_back_.notify_all();
}

Result<Turns::Turn> Turns::take(const std::string& uid, std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  if (!given_back_.wait_for(lock, timeout, [&] { return !taken_.contains(uid); })) {
    return Error(Code::busy, fmt::format("another call for UID '{}' is under way", uid));
  }
  taken_.insert(uid);
  return Turn(*this, uid);
}

}  // namespace sluice
