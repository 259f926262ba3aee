#include "dra/slices/attributes.h"

#include <fmt/format.h>

#include <utility>

#include <nlohmann/json.hpp>

#include "pkg/base/kube_names.h"
#include "pkg/base/strings.h"

namespace sluice::dra {
namespace {

// k8s.io/api/resource/v1/types.go, DeviceMaxIDLength, DeviceMaxDomainLength,
// DeviceAttributeMaxValueLength and ResourceSliceMaxAttributesAndCapacitiesPerDevice.
constexpr std::size_t kNameLimit = 32;
constexpr std::size_t kDomainLimit = 63;
constexpr std::size_t kTextLimit = 64;  // Bytes.
constexpr std::size_t kMostEntries = 32;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_identifier(std::string_view text) {
  if (text.empty() || text.size() > kNameLimit || !is_letter(text.front())) return false;
  for (const char c : text) {
    if (!is_letter(c) && (c < '0' || c > '9')) return false;
  }
  return true;
}

bool is_attribute_name(std::string_view name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) return is_identifier(name);
  const std::string_view domain = name.substr(0, slash);
  return domain.size() <= kDomainLimit && is_dns_subdomain(domain) &&
         is_identifier(name.substr(slash + 1));
}

bool is_utf8(const std::string& text) {
  using Json = nlohmann::json;
  const Json value(text);
  return value.dump(-1, ' ', false, Json::error_handler_t::replace) ==
         value.dump(-1, ' ', false, Json::error_handler_t::ignore);
}

/// Empty when nothing is.
std::string what_is_wrong(const Device& device, std::string_view name,
                          const AttributeValue& value) {
  if (!is_attribute_name(name)) return "its name is not valid";
  if (device.attributes.size() + device.capacity.size() >= kMostEntries) {
    return fmt::format("the device has {} attributes and capacities already", kMostEntries);
  }
  const std::string* const text = std::get_if<std::string>(&value);
  if (text == nullptr) return "";
  if (text->size() > kTextLimit) {
    return fmt::format("{} has more than {} bytes", in_quotes(*text), kTextLimit);
  }
  if (!is_utf8(*text)) return "its value is not UTF-8";
  return "";
}

}  // namespace

void add_attribute(Device& device, std::string_view name, AttributeValue value,
                   Omissions& omissions) {
  const std::string* const text = std::get_if<std::string>(&value);
  if (text != nullptr && text->empty()) return;
  const std::string wrong = what_is_wrong(device, name, value);
  if (wrong.empty()) {
    device.attributes.emplace(name, std::move(value));
  } else {
    omissions.push_back(
        fmt::format("{}: attribute {} is left out: {}", device.name, in_quotes(name), wrong));
  }
}

}  // namespace sluice::dra
