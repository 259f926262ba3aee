#include "test/fake/request_log.h"

#include <algorithm>

namespace sluice {
namespace {

bool contains(const std::string& line, const std::string& text) {
  return line.find(text) != std::string::npos;
}

}  // namespace

std::vector<std::string> RequestLog::matching(const std::string& text) const {
  std::vector<std::string> found;
  std::copy_if(lines_.begin(), lines_.end(), std::back_inserter(found),
               [&](const std::string& line) { return contains(line, text); });
  return found;
}

void RequestLog::fail_on(std::string matching, Error error, int nth) {
  faults_.push_back({std::move(matching), Moment::before, nth, std::move(error)});
}

void RequestLog::fail_after(std::string matching, Error error) {
  faults_.push_back({std::move(matching), Moment::after, 1, std::move(error)});
}

void RequestLog::before(std::string matching, std::function<void()> action) {
  actions_.push_back({std::move(matching), std::move(action)});
}

void RequestLog::begin(const std::string& line) {
  lines_.push_back(line);
  if (observer_) observer_();
  const auto found = std::find_if(actions_.begin(), actions_.end(), [&](const Action& action) {
    return contains(line, action.matching);
  });
  if (found == actions_.end()) return;
  const std::function<void()> act = std::move(found->act);
  actions_.erase(found);  // First, so that an action may make requests itself.
  act();
}

std::optional<Error> RequestLog::take(const std::string& line, Moment moment) {
  for (auto fault = faults_.begin(); fault != faults_.end(); ++fault) {
    if (fault->moment != moment || !contains(line, fault->matching) || --fault->nth > 0) continue;
    Error error = std::move(fault->error);
    faults_.erase(fault);
    return error;
  }
  return std::nullopt;
}

}  // namespace sluice
