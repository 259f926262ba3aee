#pragma once

#include <charconv>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "pkg/base/result.h"

namespace sluice {

/// Without leading and trailing blanks and line ends.
std::string_view trim(std::string_view text);

/// The parts between `separator`; one empty part for an empty text.
std::vector<std::string_view> split(std::string_view text, char separator);

/// Lower-case ASCII.
std::string to_lower(std::string_view text);

/// `text` in single quotes, cut at 64 characters, control characters as \xNN: safe in a message or
/// a log line whatever it holds.
std::string in_quotes(std::string_view text);

/// The whole of `text` as a decimal integer; invalid_argument when it is not one or does not fit.
template <typename Int>
Result<Int> parse_int(std::string_view text) {
  Int value{};
  const char* const end = text.data() + text.size();
  const auto [stop, status] = std::from_chars(text.data(), end, value);
  if (status != std::errc() || stop != end || text.empty()) {
    return Error(Code::invalid_argument,
                 fmt::format("want a whole number, got {}", in_quotes(text)));
  }
  return value;
}

}  // namespace sluice
