#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "pkg/base/bit_rate.h"
#include "pkg/json/problems.h"

namespace sluice {

/// The members of one JSON object of a configuration. Whatever is wrong with one is added to the
/// problems, and the reader gets what an absent member gives, so all is judged in one pass.
class Members {
 public:
  /// Both must outlive this object. Reports a value that is no object, and keys that are not
  /// `known`.
  Members(const nlohmann::json& value, std::string at,
          std::initializer_list<std::string_view> known, Problems& problems);

  bool is_object() const { return is_object_; }

  /// nullptr when absent.
  const nlohmann::json* find(const char* key) const;

  /// Empty when absent.
  std::string text(const char* key);
  /// `otherwise` when absent.
  bool boolean(const char* key, bool otherwise);
  /// A whole number from `least` to `most`.
  std::optional<int> number(const char* key, int least, int most);
  /// A quantity above zero; `zero` says what to do instead of writing zero.
  std::optional<BitRate> rate(const char* key, std::string_view zero);

  /// The JSON pointer of a member, and of the object.
  std::string pointer(const char* key) const;
  const std::string& at() const { return at_; }

  Problems& problems() { return problems_; }

 private:
  const nlohmann::json& value_;
  std::string at_;
  Problems& problems_;
  bool is_object_;
};

/// A quantity in a text, above zero; nullopt after a problem at `at`.
std::optional<BitRate> read_rate(const nlohmann::json& value, const std::string& at,
                                 std::string_view zero, Problems& problems);

}  // namespace sluice
