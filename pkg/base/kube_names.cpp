#include "pkg/base/kube_names.h"

#include <algorithm>

#include "pkg/base/strings.h"

namespace sluice {
namespace {

constexpr std::size_t kLongestLabel = 63;       // DNS1123LabelMaxLength
constexpr std::size_t kLongestSubdomain = 253;  // DNS1123SubdomainMaxLength

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || is_upper(c) || (c >= '0' && c <= '9');
}

// IsDNS1123Subdomain bounds the whole alone.
bool is_part(std::string_view text) {
  return is_name(text, "-") && std::none_of(text.begin(), text.end(), is_upper);
}

}  // namespace

bool is_name(std::string_view text, std::string_view between) {
  return !text.empty() && is_alphanumeric(text.front()) && is_alphanumeric(text.back()) &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return is_alphanumeric(c) || between.find(c) != std::string_view::npos;
         });
}

bool is_dns_label(std::string_view text) {
  return text.size() <= kLongestLabel && is_part(text);
}

bool is_dns_subdomain(std::string_view text) {
  if (text.size() > kLongestSubdomain) return false;
  const std::vector<std::string_view> parts = split(text, '.');
  return std::all_of(parts.begin(), parts.end(), is_part);
}

}  // namespace sluice
