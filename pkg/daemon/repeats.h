#pragma once

#include <chrono>
#include <map>
#include <string>

namespace sluice {

/// Tells which of the failures that come back are worth a line in the log: the first, one that is
/// different from the last, and one an hour. Not thread-safe.
class Repeats {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `what` failed with `message`.
  bool worth_telling(const std::string& what, const std::string& message, Time now);

  /// `what` works; true when it had failed before, which is worth telling too.
  bool recovered(const std::string& what);

 private:
  struct Failure {
    std::string message;
    Time told;
  };

  std::map<std::string, Failure> failures_;
};

}  // namespace sluice
