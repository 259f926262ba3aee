#include "ctl/format.h"

#include <nlohmann/json.hpp>

namespace sluice {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kIndent = 2;
constexpr int kOneLine = -1;

// Names that are not UTF-8 (a link can have any bytes) are shown with replacement characters.
std::string dump(const Json& document, int indent) {
  return document.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string or_dash(const std::string& text) {
  return text.empty() ? "-" : text;
}

std::string or_dash(BitRate rate) {
  return rate.is_zero() ? "-" : to_string(rate);
}

Json or_null(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}

Json or_null(BitRate rate) {
  return rate.is_zero() ? Json() : Json(rate.as_bits_per_second());
}

std::string problem_lines(const std::vector<std::string>& problems) {
  std::string text;
  for (const std::string& problem : problems) text += "not read: " + problem + "\n";
  return text;
}

std::string to_text(const Json& document) {
  return dump(document, kIndent);
}

std::string to_line(const Json& document) {
  return dump(document, kOneLine);
}

}  // namespace sluice
