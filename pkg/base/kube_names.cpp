#include "pkg/base/kube_names.h"

#include <algorithm>

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

}  // namespace

bool is_name(std::string_view text, std::string_view between) {
  return !text.empty() && is_alphanumeric(text.front()) && is_alphanumeric(text.back()) &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return is_alphanumeric(c) || between.find(c) != std::string_view::npos;
         });
}

bool is_dns_label(std::string_view text) {
  return text.size() <= kLongestLabel && is_name(text, "-") &&
         std::none_of(text.begin(), text.end(), is_upper);
}

// In one pass: the scheduler is asked about ten thousand names at a time.
bool is_dns_subdomain(std::string_view text) {
  if (text.size() > kLongestSubdomain) return false;
  char before = '.';
  for (const char c : text) {
    const bool is_separator = c == '.' || c == '-';
    if (!is_separator && (is_upper(c) || !is_alphanumeric(c))) return false;
    if (before == '.' && is_separator) return false;
    if (before == '-' && c == '.') return false;
    before = c;
  }
  return before != '.' && before != '-';
}

NamespacedName split_name(std::string_view text) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  const std::size_t name = std::min(slash + 1, text.size());
  return {.name_space = std::string(text.substr(0, slash)), .name = std::string(text.substr(name))};
}

}  // namespace sluice
