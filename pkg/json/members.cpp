#include "pkg/json/members.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "pkg/base/quantity.h"
#include "pkg/base/spelling.h"
#include "pkg/base/strings.h"
#include "pkg/json/document.h"

namespace sluice {

using nlohmann::json;

Members::Members(const json& value, std::string at, std::initializer_list<std::string_view> known,
                 Problems& problems)
    : value_(value), at_(std::move(at)), problems_(problems), is_object_(value.is_object()) {
  if (!is_object_) {
    problems_.add(at_, "want an object");
    return;
  }
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

std::string Members::pointer(const char* key) const {
  return fmt::format("{}/{}", at_, key);
}

std::string Members::text(const char* key) {
  const json* const member = find(key);
  if (member == nullptr) return {};
  if (member->is_string() && !member->get_ref<const std::string&>().empty()) return *member;
  problems_.add(pointer(key), "want a text that is not empty");
  return {};
}

bool Members::boolean(const char* key, bool otherwise) {
  const json* const member = find(key);
  if (member == nullptr) return otherwise;
  if (member->is_boolean()) return member->get<bool>();
  problems_.add(pointer(key), "want true or false");
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
  problems_.add(pointer(key), fmt::format("want a whole number from {} to {}, got {}", least, most,
                                          in_quotes(member->dump())));
  return std::nullopt;
}

std::optional<BitRate> read_rate(const json& value, const std::string& at, std::string_view zero,
                                 Problems& problems) {
  if (!value.is_string()) {
    problems.add(at, "want a quantity in bit/s in quotes, like \"25G\"");
    return std::nullopt;
  }
  const auto rate = parse_quantity(value.get_ref<const std::string&>());
  if (!rate) {
    problems.add(at, rate.error().message());
  } else if (rate->is_zero()) {
    problems.add(at, fmt::format("zero; {}", zero));
  } else {
    return *rate;
  }
  return std::nullopt;
}

std::optional<BitRate> Members::rate(const char* key, std::string_view zero) {
  const json* const member = find(key);
  if (member == nullptr) return std::nullopt;
  return read_rate(*member, pointer(key), zero, problems_);
}

}  // namespace sluice
