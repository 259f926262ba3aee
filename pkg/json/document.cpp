#include "pkg/json/document.h"

#include <fmt/format.h>

#include <algorithm>

#include <nlohmann/json.hpp>

namespace sluice {
namespace {

using nlohmann::json;

// A configuration has eight levels, a Node of the API server a dozen.
constexpr std::size_t kDeepest = 64;

/// What json::sax_parse() calls; each of its functions says whether to go on. Builds the value
/// while the text is parsed, so that parsing ends where the nesting becomes too deep.
class Builder {
 public:
  Builder(std::string_view text, Problems& problems) : text_(text), problems_(problems) {}

  bool null() { return add(nullptr); }

  bool boolean(bool value) { return add(value); }

  bool number_integer(std::int64_t value) { return add(value); }

  bool number_unsigned(std::uint64_t value) { return add(value); }

  bool number_float(double value, const std::string& /*unused*/) { return add(value); }

  bool string(std::string& value) { return add(std::move(value)); }

  bool binary(json::binary_t& /*unused*/) { return false; }  // Text has none.

  bool start_object(std::size_t /*unused*/) { return open(json::object()); }

  bool start_array(std::size_t /*unused*/) { return open(json::array()); }

  bool end_object() { return close(); }

  bool end_array() { return close(); }

  bool key(std::string& name) {
    Level& level = levels_.back();
    const auto [member, fresh] = level.value->get_ref<json::object_t&>().try_emplace(name);
    level.member = member;
    if (!fresh) problems_.add(pointer(), "is there twice; only one could count");
    return true;
  }

  bool parse_error(std::size_t position, const std::string& /*unused*/,
                   const json::exception& /*unused*/) {
    // The position is that behind the byte which was too much; past the end when one was missing.
    const std::string_view read = text_.substr(0, std::min(position, text_.size()));
    const auto line = std::count(read.begin(), read.end(), '\n') + 1;
    const std::size_t start = read.rfind('\n');
    const std::size_t column =
        start == std::string_view::npos ? read.size() : read.size() - start - 1;
    problems_.add("", fmt::format("not JSON at line {}, column {}", line, column));
    return false;
  }

  json take() { return std::move(root_); }

 private:
  /// An object or array that is open.
  struct Level {
    json* value = nullptr;
    json::object_t::iterator member;  ///< Of an object: the one at hand.
  };

  json& put(json value) {
    if (levels_.empty()) return root_ = std::move(value);
    const Level& level = levels_.back();
    if (level.value->is_array()) return level.value->emplace_back(std::move(value));
    return level.member->second = std::move(value);
  }

  bool add(json value) {
    put(std::move(value));
    return true;
  }

  bool open(json value) {
    if (levels_.size() == kDeepest) {
      problems_.add("", fmt::format("nested deeper than {} levels", kDeepest));
      return false;
    }
    levels_.push_back({.value = &put(std::move(value)), .member = {}});
    return true;
  }

  bool close() {
    levels_.pop_back();
    return true;
  }

  // Of the member at hand: the last that each open array has, too, is the one at hand.
  std::string pointer() const {
    std::string text;
    for (const Level& level : levels_) {
      text += '/';
      text += level.value->is_object() ? escaped(level.member->first)
                                       : std::to_string(level.value->size() - 1);
    }
    return text;
  }

  std::string_view text_;
  Problems& problems_;
  json root_;
  std::vector<Level> levels_;
};

}  // namespace

std::string escaped(std::string_view key) {
  std::string out;
  for (const char c : key) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

json parse_document(std::string_view text, Problems& problems) {
  Builder builder(text, problems);
  return json::sax_parse(text, &builder) ? builder.take() : json();
}

json parse_document(std::string_view text) {
  Problems ignored;
  return parse_document(text, ignored);
}

}  // namespace sluice
