#include "pkg/json/members.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "pkg/base/quantity.h"
#include "pkg/base/spelling.h"
#include "pkg/base/strings.h"
#include "pkg/json/document.h"

namespace sluice {
namespace {

using nlohmann::json;

const json kNull;
const json kEmptyArray = json::array();

bool is_text(const json& value) {
  return value.is_string();
}

}  // namespace

Members::Members(const json& value, std::string at, Problems& problems)
    : value_(value), at_(std::move(at)), problems_(problems), is_object_(value.is_object()) {
  if (!is_object_) problems_.add(at_, "want an object");
}

Members::Members(const json& value, std::string at, std::initializer_list<std::string_view> known,
                 Problems& problems)
    : Members(value, std::move(at), problems) {
  if (!is_object_) return;
  for (const auto& [key, member] : value_.items()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const std::string meant = nearest(key, known);
    problems_.add(
        at_ + "/" + escaped(key),
        meant.empty() ? "unknown key" : fmt::format("unknown key; did you mean \"{}\"?", meant));
  }
}

const json* Members::find(const char* key) const {
  if (!is_object_) return nullptr;
  const auto member = value_.find(key);
  return member == value_.end() ? nullptr : &*member;
}

const json* Members::require(const char* key, std::string_view wanted, Test is) {
  const json* const member = find(key);
  if (member != nullptr && is(*member)) return member;
  reject(key, fmt::format("want {}", wanted));
  return nullptr;
}

std::string Members::text(const char* key) {
  const json* const member = require(key, "a string", is_text);
  return member == nullptr ? std::string() : member->get<std::string>();
}

std::uint64_t Members::number(const char* key) {
  const json* const member =
      require(key, "a whole number", [](const json& value) { return value.is_number_unsigned(); });
  return member == nullptr ? 0 : member->get<std::uint64_t>();
}

BitRate Members::quantity(const char* key) {
  const json* const member = require(key, "a string", is_text);
  if (member == nullptr) return {};
  const auto rate = parse_quantity(member->get_ref<const std::string&>());
  if (!rate) reject(key, rate.error().message());
  return rate.value_or(BitRate());
}

const json& Members::array(const char* key) {
  const json* const member =
      require(key, "an array", [](const json& value) { return value.is_array(); });
  return member == nullptr ? kEmptyArray : *member;
}

Members Members::object(const char* key) {
  const json* const member = find(key);
  return {member == nullptr ? kNull : *member, pointer(key), problems_};
}

std::string Members::text(const char* key, std::string_view otherwise) {
  return find(key) == nullptr ? std::string(otherwise) : text(key);
}

std::string Members::filled_text(const char* key) {
  const json* const member = find(key);
  if (member == nullptr) return {};
  if (member->is_string() && !member->get_ref<const std::string&>().empty()) return *member;
  reject(key, "want a text that is not empty");
  return {};
}

bool Members::boolean(const char* key, bool otherwise) {
  const json* const member = find(key);
  if (member == nullptr) return otherwise;
  if (member->is_boolean()) return member->get<bool>();
  reject(key, "want true or false");
  return otherwise;
}

std::optional<int> Members::number(const char* key, int least, int most) {
  const json* const member = find(key);
  if (member == nullptr) return std::nullopt;
  if (member->is_number_unsigned()) {
    const auto value = member->get<std::uint64_t>();
    if (value >= static_cast<std::uint64_t>(least) && value <= static_cast<std::uint64_t>(most)) {
      return static_cast<int>(value);
    }
  }
  reject(key, fmt::format("want a whole number from {} to {}, got {}", least, most,
                          in_quotes(member->dump())));
  return std::nullopt;
}

std::optional<BitRate> Members::rate(const char* key, std::string_view zero) {
  const json* const member = find(key);
  if (member == nullptr) return std::nullopt;
  if (!member->is_string()) {
    reject(key, "want a quantity in bit/s in quotes, like \"25G\"");
    return std::nullopt;
  }
  const auto rate = parse_quantity(member->get_ref<const std::string&>());
  if (rate && !rate->is_zero()) return *rate;
  reject(key, rate ? fmt::format("zero; {}", zero) : rate.error().message());
  return std::nullopt;
}

std::map<std::string, std::string> Members::texts(const char* key) {
  std::map<std::string, std::string> texts;
  if (find(key) == nullptr) return texts;
  Members each = object(key);
  if (!each.is_object()) return texts;
  for (const auto& [name, value] : each.value_.items()) {
    if (value.is_string()) {
      texts[name] = value.get<std::string>();
    } else {
      problems_.add(each.at_ + "/" + escaped(name), "want a string");
    }
  }
  return texts;
}

void Members::reject(const char* key, std::string why) {
  if (!is_object_) return;  // That was said, and its members follow from it.
  problems_.add(pointer(key), std::move(why));
}

std::string Members::pointer(const char* key) const {
  return fmt::format("{}/{}", at_, key);
}

}  // namespace sluice
