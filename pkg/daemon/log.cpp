#include "pkg/daemon/log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ostream_sink.h>

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "pkg/base/strings.h"

namespace sluice {
namespace {

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::error: return spdlog::level::err;
    case LogLevel::warn: return spdlog::level::warn;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::debug: return spdlog::level::debug;
  }
  return spdlog::level::info;
}

std::string json_string(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// As it is when it is one plain word, in JSON's quotes otherwise: a line stays one line, and its
/// fields can be told apart.
std::string plain_or_quoted(const std::string& text) {
  const auto is_plain = [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '='; };
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), is_plain);
  return plain ? text : json_string(text);
}

std::string as_text(const std::string& component, std::string_view sentence, LogFields fields) {
  std::string line = fmt::format("{}: {}", component, sentence);
  for (const LogField& field : fields) {
    line += fmt::format(" {}={}", field.key, plain_or_quoted(field.value));
  }
  return line;
}

/// The members that follow time and level.
std::string as_json(const std::string& component, std::string_view sentence, LogFields fields) {
  std::string line =
      fmt::format("\"component\":{},\"message\":{}", json_string(component), json_string(sentence));
  for (const LogField& field : fields) {
    line += fmt::format(",{}:{}", json_string(field.key), json_string(field.value));
  }
  return line;
}

constexpr const char* kTextPattern = "%Y-%m-%dT%H:%M:%S.%eZ %-7l %v";
constexpr const char* kJsonPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})";

}  // namespace

Result<LogLevel> parse_log_level(std::string_view text) {
  if (text == "error") return LogLevel::error;
  if (text == "warn") return LogLevel::warn;
  if (text == "info") return LogLevel::info;
  if (text == "debug") return LogLevel::debug;
  return Error(Code::invalid_argument,
               fmt::format("want error, warn, info or debug, got {}", in_quotes(text)));
}

struct LogOutput::State {
  LogFormat format;
  spdlog::logger logger;
};

LogOutput::LogOutput(LogLevel level, LogFormat format, std::ostream& out)
    : state_(std::make_unique<State>(
          State{format, spdlog::logger("", std::make_shared<spdlog::sinks::ostream_sink_mt>(
                                               out, /*force_flush=*/true))})) {
  state_->logger.set_formatter(std::make_unique<spdlog::pattern_formatter>(
      format == LogFormat::text ? kTextPattern : kJsonPattern, spdlog::pattern_time_type::utc,
      "\n"));
  set_level(level);
}

LogOutput::~LogOutput() = default;

void LogOutput::set_level(LogLevel level) {
  state_->logger.set_level(spdlog_level(level));
}

void LogOutput::write(LogLevel level, const std::string& component, std::string_view sentence,
                      LogFields fields) {
  if (!state_->logger.should_log(spdlog_level(level))) return;
  state_->logger.log(spdlog_level(level), state_->format == LogFormat::text
                                              ? as_text(component, sentence, fields)
                                              : as_json(component, sentence, fields));
}

}  // namespace sluice
