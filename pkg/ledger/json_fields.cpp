#include "pkg/ledger/json_fields.h"

#include <nlohmann/json.hpp>

namespace sluice {
namespace {

using Json = nlohmann::json;

const Json kNull;
const Json kEmptyArray = Json::array();

}  // namespace

JsonFields::JsonFields(const Json& object, std::string at) : object_(object), at_(std::move(at)) {
  if (!object.is_object()) problem_ = fmt::format("{}: want an object", at_);
}

bool JsonFields::has(const char* key) const {
  return object_.is_object() && object_.contains(key);
}

const Json* JsonFields::find(const char* key, const char* wanted, bool (*is)(const Json&)) {
  if (!problem_.empty()) return nullptr;
  const auto member = object_.find(key);
  if (member != object_.end() && is(*member)) return &*member;
  reject(key, fmt::format("want {}", wanted));
  return nullptr;
}

std::string JsonFields::text(const char* key) {
  const Json* const member = find(key, "a string", [](const Json& j) { return j.is_string(); });
  return member == nullptr ? std::string() : member->get<std::string>();
}

std::uint64_t JsonFields::number(const char* key) {
  const Json* const member =
      find(key, "a whole number", [](const Json& j) { return j.is_number_unsigned(); });
  return member == nullptr ? 0 : member->get<std::uint64_t>();
}

bool JsonFields::boolean(const char* key) {
  const Json* const member = find(key, "a boolean", [](const Json& j) { return j.is_boolean(); });
  return member != nullptr && member->get<bool>();
}

Rate JsonFields::rate(const char* key) {
  JsonFields fields(any(key), pointer(key));
  const Rate rate{.floor = BitRate::bits_per_second(fields.number("floor")),
                  .ceiling = BitRate::bits_per_second(fields.number("ceiling"))};
  adopt(fields.status());
  return rate;
}

const Json& JsonFields::array(const char* key) {
  const Json* const member = find(key, "an array", [](const Json& j) { return j.is_array(); });
  return member == nullptr ? kEmptyArray : *member;
}

const Json& JsonFields::any(const char* key) {
  const Json* const member = find(key, "a value", [](const Json&) { return true; });
  return member == nullptr ? kNull : *member;
}

std::string JsonFields::pointer(const char* key) const {
  return fmt::format("{}/{}", at_, key);
}

void JsonFields::reject(const char* key, std::string_view why) {
  if (problem_.empty()) problem_ = fmt::format("{}: {}", pointer(key), why);
}

void JsonFields::adopt(const Result<>& status) {
  if (problem_.empty() && !status) problem_ = status.error().message();
}

Result<> JsonFields::status() const {
  if (problem_.empty()) return {};
  return Error(Code::data_loss, problem_);
}

Json encode_rate(const Rate& rate) {
  return {{"floor", rate.floor.as_bits_per_second()},
          {"ceiling", rate.ceiling.as_bits_per_second()}};
}

Result<Json> parse_json(std::string_view text) {
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return Error(Code::data_loss, "not JSON");
  return json;
}

}  // namespace sluice
