#include "scheduler/leadership.h"

#include <utility>

namespace sluice {

Result<> Leadership::step() {
  if (lease_ == nullptr) {
    adopt(1);
    return {};
  }
  Result<> stepped = lease_->step();
  adopt(lease_->tenure());
  return stepped;
}

std::shared_ptr<Term> Leadership::term() const {
  const std::lock_guard lock(mutex_);
  return term_;
}

Result<> Leadership::resign() {
  const std::shared_ptr<Term> last = term();
  const bool may_still_bind = last != nullptr && last->view.has_doubts();
  adopt(std::nullopt);
  if (lease_ == nullptr || may_still_bind) return {};
  return lease_->release();
}

void Leadership::adopt(std::optional<std::uint64_t> tenure) {
  if (tenure == tenure_) return;
  tenure_ = tenure;
  std::shared_ptr<Term> next = tenure ? make_term_() : nullptr;
  const std::lock_guard lock(mutex_);
  term_.swap(next);  // The last one ends with the last call that uses it.
}

}  // namespace sluice
