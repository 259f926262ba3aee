#include "cni/protocol/fields.h"

#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

#include "pkg/base/quantity.h"
#include "pkg/base/strings.h"

namespace sluice::cni {
namespace {

using nlohmann::json;

std::string shown(const json* value) {
  if (value == nullptr) return "nothing";
  if (value->is_string()) return in_quotes(value->get_ref<const std::string&>());
  if (value->is_structured()) return value->is_array() ? "an array" : "an object";
  return value->dump();
}

std::optional<std::int64_t> as_integer(const json& value) {
  if (!value.is_number_integer()) return std::nullopt;
  if (value.is_number_unsigned() &&
      value.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
    return std::nullopt;
  }
  return value.get<std::int64_t>();
}

}  // namespace

bool Fields::empty() const {
  return object_.empty();
}

const json* Fields::find(std::string_view key) const {
  const json* found = nullptr;
  if (const auto exact = object_.find(key); exact != object_.end()) {
    found = &*exact;
  } else {
    const std::string wanted = to_lower(key);
    for (const auto& [name, value] : object_.items()) {
      if (found == nullptr && to_lower(name) == wanted) found = &value;
    }
  }
  return found == nullptr || found->is_null() ? nullptr : found;
}

std::string Fields::path(std::string_view key) const {
  return at_.empty() ? std::string(key) : at_ + "." + std::string(key);
}

Failure Fields::wrong(std::string_view key, std::string_view wanted) const {
  return {ErrorCode::invalid_config,
          fmt::format("{}: want {}, got {}", path(key), wanted, shown(find(key)))};
}

Outcome<std::optional<std::string>> Fields::text(std::string_view key) const {
  const json* const value = find(key);
  if (value == nullptr) return std::optional<std::string>();
  if (!value->is_string()) return wrong(key, "a string");
  return std::optional(value->get<std::string>());
}

Outcome<std::optional<std::int64_t>> Fields::integer(std::string_view key, std::int64_t least,
                                                     std::int64_t most) const {
  const json* const value = find(key);
  if (value == nullptr) return std::optional<std::int64_t>();
  const std::optional<std::int64_t> number = as_integer(*value);
  if (!number || *number < least || *number > most) {
    return wrong(key, fmt::format("a whole number from {} to {}", least, most));
  }
  return number;
}

Outcome<std::optional<double>> Fields::seconds(std::string_view key, double most) const {
  const json* const value = find(key);
  if (value == nullptr) return std::optional<double>();
  const double number = value->is_number() ? value->get<double>() : -1;
  if (!(number >= 0 && number <= most)) {
    return wrong(key, fmt::format("a number of seconds from 0 to {:.0f}", most));
  }
  return std::optional(number);
}

Outcome<std::optional<BitRate>> Fields::quantity(std::string_view key) const {
  const json* const value = find(key);
  if (value == nullptr) return std::optional<BitRate>();
  if (const auto number = as_integer(*value); number && *number >= 0) {
    return std::optional(BitRate::bits_per_second(static_cast<std::uint64_t>(*number)));
  }
  constexpr const char* kWanted = "a quantity such as \"25G\" or a whole number of bit/s";
  if (!value->is_string()) return wrong(key, kWanted);
  const Result<BitRate> rate = parse_quantity(value->get_ref<const std::string&>());
  if (!rate) return wrong(key, kWanted);
  return std::optional(*rate);
}

Outcome<std::vector<std::string>> Fields::texts(std::string_view key) const {
  std::vector<std::string> texts;
  const json* const value = find(key);
  if (value == nullptr) return texts;
  if (!value->is_array()) return wrong(key, "an array of strings");
  for (const json& element : *value) {
    if (!element.is_string()) return wrong(key, "an array of strings");
    texts.push_back(element.get<std::string>());
  }
  return texts;
}

Outcome<std::optional<Fields>> Fields::object(std::string_view key) const {
  const json* const value = find(key);
  if (value == nullptr) return std::optional<Fields>();
  if (!value->is_object()) return wrong(key, "an object");
  return std::optional<Fields>(std::in_place, *value, path(key));
}

Outcome<std::vector<Fields>> Fields::objects(std::string_view key) const {
  std::vector<Fields> objects;
  const json* const value = find(key);
  if (value == nullptr) return objects;
  if (!value->is_array()) return wrong(key, "an array of objects");
  for (const json& element : *value) {
    if (!element.is_object()) return wrong(key, "an array of objects");
    objects.emplace_back(element, fmt::format("{}[{}]", path(key), objects.size()));
  }
  return objects;
}

}  // namespace sluice::cni
