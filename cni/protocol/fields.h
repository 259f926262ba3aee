#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "cni/protocol/error.h"
#include "pkg/base/bit_rate.h"

namespace sluice::cni {

/// Reads the members of a JSON object that was written for Go programs: a key matches in any case
/// (the exact spelling wins), and null means absent. Failures are invalid_config and name key and
/// value. The object must outlive this one.
class Fields {
 public:
  /// `at` is the path of the object in messages: "" for the whole, "runtimeConfig".
  Fields(const nlohmann::json& object, std::string at) : object_(object), at_(std::move(at)) {}

  bool empty() const;

  /// nullptr when absent or null.
  const nlohmann::json* find(std::string_view key) const;

  Outcome<std::optional<std::string>> text(std::string_view key) const;

  /// nullopt when absent; a failure below `least` or above `most`.
  Outcome<std::optional<std::int64_t>> integer(std::string_view key, std::int64_t least,
                                               std::int64_t most) const;

  /// A number of seconds that may have a fraction.
  Outcome<std::optional<double>> seconds(std::string_view key, double most) const;

  /// A Kubernetes quantity ("25G"), or a whole number of bit/s.
  Outcome<std::optional<BitRate>> quantity(std::string_view key) const;

  /// An array of strings; empty when absent.
  Outcome<std::vector<std::string>> texts(std::string_view key) const;

  /// The members of an object; nullopt when absent.
  Outcome<std::optional<Fields>> object(std::string_view key) const;

  /// The elements of an array of objects; empty when absent.
  Outcome<std::vector<Fields>> objects(std::string_view key) const;

  /// The path of a member, for messages: "runtimeConfig.mac".
  std::string path(std::string_view key) const;

  /// "<path>: want <wanted>, got <the value>".
  Failure wrong(std::string_view key, std::string_view wanted) const;

 private:
  const nlohmann::json& object_;
  std::string at_;
};

}  // namespace sluice::cni
