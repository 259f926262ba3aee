#include "pkg/json/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

namespace sluice {
namespace {

using nlohmann::json;

// What reads or shows a value calls itself for each level below; a configuration has eight.
constexpr std::size_t kDeepest = 64;

/// Follows a text without keeping it: where it stops being JSON, and which keys are there twice.
class Examiner final : public json::json_sax_t {
 public:
  Examiner(std::string_view text, Problems& problems) : text_(text), problems_(problems) {}

  bool null() override { return value(); }

  bool boolean(bool /*unused*/) override { return value(); }

  bool number_integer(number_integer_t /*unused*/) override { return value(); }

  bool number_unsigned(number_unsigned_t /*unused*/) override { return value(); }

  bool number_float(number_float_t /*unused*/, const string_t& /*unused*/) override {
    return value();
  }

  bool string(string_t& /*unused*/) override { return value(); }

  bool binary(binary_t& /*unused*/) override { return value(); }

  bool start_object(std::size_t /*unused*/) override { return enter(); }

  bool start_array(std::size_t /*unused*/) override { return enter(); }

  bool end_object() override { return leave(); }

  bool end_array() override { return leave(); }

  bool key(string_t& name) override {
    Level& level = levels_.back();
    level.key = escaped(name);
    level.in_object = true;
    if (!level.keys.insert(level.key).second) {
      problems_.add(pointer(), "is there twice; only one could count");
    }
    return true;
  }

  bool parse_error(std::size_t position, const std::string& /*unused*/,
                   const json::exception& /*unused*/) override {
    // The position is that behind the byte which was too much; past the end when one was missing.
    const std::string_view read = text_.substr(0, std::min(position, text_.size()));
    const auto line = std::count(read.begin(), read.end(), '\n') + 1;
    const std::size_t start = read.rfind('\n');
    const std::size_t column =
        start == std::string_view::npos ? read.size() : read.size() - start - 1;
    problems_.add("", fmt::format("not JSON at line {}, column {}", line, column));
    return false;
  }

 private:
  struct Level {
    std::set<std::string> keys;
    std::string key;
    std::size_t index = 0;
    bool in_object = false;
  };

  std::string pointer() const {
    std::string text;
    for (const Level& level : levels_) {
      text += '/';
      text += level.in_object ? level.key : std::to_string(level.index);
    }
    return text;
  }

  bool enter() {
    if (levels_.size() == kDeepest) {
      problems_.add("", fmt::format("nested deeper than {} levels", kDeepest));
      return false;
    }
    levels_.emplace_back();
    return true;
  }

  bool leave() {
    levels_.pop_back();
    return value();
  }

  // The next value of the same array has the next index.
  bool value() {
    if (!levels_.empty()) ++levels_.back().index;
    return true;
  }

  std::string_view text_;
  Problems& problems_;
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
  Examiner examiner(text, problems);
  if (!json::sax_parse(text, &examiner)) return {};
  return json::parse(text, nullptr, /*allow_exceptions=*/false);
}

}  // namespace sluice
