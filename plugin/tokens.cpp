#include "plugin/tokens.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace sluice::plugin {
namespace {

constexpr std::string_view kPrefix = "token-";

}  // namespace

std::string token_name(std::size_t number) {
  return fmt::format("{}{}", kPrefix, number);
}

std::optional<std::size_t> token_number(std::string_view name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  const std::string_view digits = name.substr(kPrefix.size());
  std::size_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  // Nothing but what token_name() writes.
  return token_name(number) == name ? std::optional(number) : std::nullopt;
}

std::vector<DeviceEntry> token_list() {
  std::vector<DeviceEntry> all;
  all.reserve(kTokens);
  for (std::size_t i = 0; i < kTokens; ++i) {
    all.push_back({.id = token_name(i), .is_healthy = true, .numa_node = std::nullopt});
  }
  return all;
}

std::vector<std::string> prefer_tokens(const PreferenceRequest& request, std::size_t next) {
  std::vector<std::pair<std::size_t, std::string>> others;  // By how far away they are.
  for (const std::string& name : request.available) {
    const std::optional<std::size_t> number = token_number(name);
    if (!number || std::ranges::find(request.must_include, name) != request.must_include.end()) {
      continue;
    }
    others.emplace_back((*number % kTokens + kTokens - next % kTokens) % kTokens, name);
  }
  std::ranges::sort(others);
  std::vector<std::string> chosen = request.must_include;
  for (auto& [distance, name] : others) {
    if (chosen.size() >= request.size) break;
    chosen.push_back(std::move(name));
  }
  return chosen;
}

}  // namespace sluice::plugin
