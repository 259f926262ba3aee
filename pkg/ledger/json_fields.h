#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "pkg/base/rate.h"
#include "pkg/base/result.h"

namespace sluice {

/// Reads the members of one JSON object of a file of ours. The first member that is missing or of
/// the wrong type is remembered with its JSON pointer, and everything read after it is a default: a
/// decoder reads all members straight down and asks once, at the end.
class JsonFields {
 public:
  /// `at` is the JSON pointer of `object`. The object must outlive this one.
  JsonFields(const nlohmann::json& object, std::string at);

  bool has(const char* key) const;
  std::string text(const char* key);
  std::uint64_t number(const char* key);
  bool boolean(const char* key);
  Rate rate(const char* key);

  /// The member itself, an array; an empty one after a problem.
  const nlohmann::json& array(const char* key);

  /// The member itself, whatever it is; null after a problem.
  const nlohmann::json& any(const char* key);

  /// The JSON pointer of a member.
  std::string pointer(const char* key) const;

  /// Remembers that a member's value makes no sense.
  void reject(const char* key, std::string_view why);

  /// Remembers the problem of something read elsewhere.
  void adopt(const Result<>& status);

  /// data_loss with the pointer and the reason of the first problem.
  Result<> status() const;

 private:
  /// The member when `is` holds of it; otherwise null, and the problem is remembered.
  const nlohmann::json* find(const char* key, const char* wanted,
                             bool (*is)(const nlohmann::json&));

  const nlohmann::json& object_;
  std::string at_;
  std::string problem_;
};

nlohmann::json encode_rate(const Rate& rate);

/// `text` as JSON, or data_loss.
Result<nlohmann::json> parse_json(std::string_view text);

}  // namespace sluice
