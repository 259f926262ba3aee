#pragma once

#include <fmt/format.h>

#include <initializer_list>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

#include "pkg/base/result.h"

namespace sluice {

enum class LogLevel {
  error,  ///< Someone must act.
  warn,   ///< We recovered.
  info,   ///< State changed.
  debug,  ///< Every decision.
};

enum class LogFormat { text, json };

/// "error", "warn", "info", "debug".
Result<LogLevel> parse_log_level(std::string_view text);

/// Datum of a log line.
struct LogField {
  template <typename T>
  LogField(std::string_view name, const T& what) : key(name), value(fmt::to_string(what)) {}

  std::string_view key;
  std::string value;
};

using LogFields = std::initializer_list<LogField>;

/// Where all components log to. Made once, where the program is put together. Thread-safe; every
/// line is written at once and whole.
///
///     2026-01-31T12:00:00.123Z info  offers: lanes offered class=gold count=4
///     {"time":"2026-01-31T12:00:00.123Z","level":"info","component":"offers","message":"lanes
///     offered","class":"gold","count":"4"}
class LogOutput final {
 public:
  LogOutput(LogLevel level, LogFormat format, std::ostream& out);
  LogOutput(const LogOutput&) = delete;
  LogOutput& operator=(const LogOutput&) = delete;
  ~LogOutput();

  /// Can be changed while the program runs.
  void set_level(LogLevel level);

 private:
  friend class Log;
  struct State;

  void write(LogLevel level, const std::string& component, std::string_view sentence,
             LogFields fields);

  std::unique_ptr<State> state_;
};

/// What one component logs: a constant sentence, and the data beside it. Cheap to copy; the output
/// must outlive it.
class Log {
 public:
  Log(LogOutput& output, std::string component)
      : output_(&output), component_(std::move(component)) {}

  void error(std::string_view sentence, LogFields fields = {}) const {
    output_->write(LogLevel::error, component_, sentence, fields);
  }

  void warn(std::string_view sentence, LogFields fields = {}) const {
    output_->write(LogLevel::warn, component_, sentence, fields);
  }

  void info(std::string_view sentence, LogFields fields = {}) const {
    output_->write(LogLevel::info, component_, sentence, fields);
  }

  void debug(std::string_view sentence, LogFields fields = {}) const {
    output_->write(LogLevel::debug, component_, sentence, fields);
  }

 private:
  LogOutput* output_;
  std::string component_;
};

}  // namespace sluice
