#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "pkg/base/unique_fd.h"

namespace sluice::cni {

/// Events for people, one line each, appended to `logFile` or written to standard error; never to
/// standard output, which belongs to the runtime.
class Log {
 public:
  /// As sriov-cni orders them; `panic` is for configurations that ask for silence.
  enum class Level { panic, error, warning, info, debug };

  using Values = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  /// Falls back to standard error when `file` cannot be opened: a pod does not fail for its log.
  /// An unknown level is `info`.
  static Log open(std::string_view level, const std::string& file);

  void error(std::string_view event, Values values = {}) const;
  void warning(std::string_view event, Values values = {}) const;
  void info(std::string_view event, Values values = {}) const;
  void debug(std::string_view event, Values values = {}) const;

 private:
  Log(Level level, UniqueFd file) : level_(level), file_(std::move(file)) {}

  void write(Level level, std::string_view event, Values values) const;

  Level level_;
  UniqueFd file_;  ///< Empty: standard error.
};

}  // namespace sluice::cni
