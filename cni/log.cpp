#include "cni/log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace sluice::cni {
namespace {

constexpr std::array<std::string_view, 5> kNames = {"panic", "error", "warning", "info", "debug"};

Log::Level level_of(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Log::Level>(i);
  }
  return Log::Level::info;
}

std::string now() {
  // Not by gmtime_r(3), which reads the machine's time zone first.
  const auto moment =
      std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const auto day = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(moment - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     time.subseconds().count());
}

// In one line and whole, whatever it holds: a kernel's or a plugin's message may have line ends.
std::string in_one_line(std::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return line;
}

}  // namespace

Log Log::open(std::string_view level, const std::string& file) {
  UniqueFd fd;
  if (!file.empty()) {
    fd = UniqueFd(::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640));
  }
  const bool opened = file.empty() || fd;
  Log log(level_of(level), std::move(fd));
  if (!opened) log.warning("cannot open logFile", {{"path", file}});
  return log;
}

void Log::write(Level level, std::string_view event, Values values) const {
  if (level > level_) return;
  std::string line =
      fmt::format("{} {:7} sluice: {}", now(), kNames[static_cast<std::size_t>(level)], event);
  for (const auto& [key, value] : values) {
    line += fmt::format(" {}=\"{}\"", key, in_one_line(value));
  }
  line += '\n';
  // One write a line: lines of concurrent plugins do not mix. A log that is full is no reason to
  // fail.
  [[maybe_unused]] const ssize_t written =
      ::write(file_ ? file_.get() : STDERR_FILENO, line.data(), line.size());
}

void Log::error(std::string_view event, Values values) const {
  write(Level::error, event, values);
}

void Log::warning(std::string_view event, Values values) const {
  write(Level::warning, event, values);
}

void Log::info(std::string_view event, Values values) const {
  write(Level::info, event, values);
}

void Log::debug(std::string_view event, Values values) const {
  write(Level::debug, event, values);
}

}  // namespace sluice::cni
