#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "pkg/base/bit_rate.h"
#include "pkg/json/problems.h"

namespace sluice {

/// The members of one JSON object. Whatever is wrong with one is added to the problems with its
/// JSON pointer, and the reader gets a default: all members are read straight down and judged in
/// one pass. A lenient reader is one that does not look at the problems.
class Members {
 public:
  /// Both must outlive this object. Reports a value that is no object.
  Members(const nlohmann::json& value, std::string at, Problems& problems);

  /// Reports keys that are not `known` as well.
  Members(const nlohmann::json& value, std::string at,
          std::initializer_list<std::string_view> known, Problems& problems);

  bool is_object() const { return is_object_; }

  /// nullptr when absent.
  const nlohmann::json* find(const char* key) const;

  // Members that must be there; when absent, the problem is that of a wrong value.

  std::string text(const char* key);
  /// A whole number, not negative.
  std::uint64_t number(const char* key);
  /// A quantity in bit/s; zero is one.
  BitRate quantity(const char* key);
  const nlohmann::json& array(const char* key);
  Members object(const char* key);

  // Members that may be absent.

  std::string text(const char* key, std::string_view otherwise);
  /// Not empty; empty when absent.
  std::string filled_text(const char* key);
  bool boolean(const char* key, bool otherwise);
  /// A whole number from `least` to `most`; neither is negative.
  std::optional<int> number(const char* key, int least, int most);
  /// A quantity above zero; `zero` says what to do instead of writing zero.
  std::optional<BitRate> rate(const char* key, std::string_view zero);
  /// Those members of an object that are text.
  std::map<std::string, std::string> texts(const char* key);

  /// Reports that a member's value makes no sense.
  void reject(const char* key, std::string why);

  /// The JSON pointer of a member, and of the object.
  std::string pointer(const char* key) const;
  const std::string& at() const { return at_; }

  Problems& problems() { return problems_; }

 private:
  using Test = bool (*)(const nlohmann::json&);

  /// nullptr after a problem.
  const nlohmann::json* require(const char* key, std::string_view wanted, Test is);

  const nlohmann::json& value_;
  std::string at_;
  Problems& problems_;
  bool is_object_;
};

}  // namespace sluice
