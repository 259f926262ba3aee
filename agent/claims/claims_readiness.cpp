#include "agent/claims/claims_readiness.h"

namespace sluice {

void ClaimsReadiness::need(const std::string& lacks) {
  const std::lock_guard lock(mutex_);
  is_needed_ = true;
  lacks_ = lacks;
  show();
}

void ClaimsReadiness::registered(const std::string& problem) {
  const std::lock_guard lock(mutex_);
  registration_ = problem;
  show();
}

void ClaimsReadiness::published() {
  const std::lock_guard lock(mutex_);
  slices_.clear();
  show();
}

void ClaimsReadiness::refused(const std::string& problem) {
  const std::lock_guard lock(mutex_);
  slices_ = problem;
  show();
}

void ClaimsReadiness::show() {
  if (!is_needed_) return;
  for (const std::string& problem : {lacks_, registration_, slices_}) {
    if (!problem.empty()) return probes_.set_not_ready(kReady, problem);
  }
  probes_.set_ready(kReady);
}

}  // namespace sluice
