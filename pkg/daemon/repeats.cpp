#include "pkg/daemon/repeats.h"

namespace sluice {

bool Repeats::worth_telling(const std::string& what, const std::string& message, Time now) {
  const auto [known, is_new] = failures_.try_emplace(what, Failure{message, now});
  if (is_new) return true;
  Failure& last = known->second;
  if (last.message == message && now - last.told < std::chrono::hours(1)) return false;
  last = {message, now};
  return true;
}

bool Repeats::recovered(const std::string& what) {
  return failures_.erase(what) != 0;
}

}  // namespace sluice
