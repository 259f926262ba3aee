#include "cni/protocol/known_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "pkg/base/spelling.h"
#include "pkg/base/strings.h"

namespace sluice::cni {
namespace {

constexpr std::array<std::string_view, 37> kConfKeys = {
    "cniVersion",  "name",        "type",        "ipam",     "dns",         "prevResult",
    "args",        "deviceID",    "pciBusID",    "vlan",     "vlanQoS",     "vlanProto",
    "mac",         "spoofchk",    "trust",       "floor",    "ceiling",     "link_state",
    "mtu",         "min_tx_rate", "max_tx_rate", "logLevel", "logFile",     "runtimeConfig",
    "provider",    "master",      "child",       "lineRate", "wait",        "capabilities",
    "ips",         "disableGC",   "cniVersions", "VFID",     "OrigVfState", "plugins",
    "disableCheck"};

constexpr std::array<std::string_view, 7> kRuntimeKeys = {
    "deviceID", "mac", "bandwidth", "ips", "CNIDeviceInfoFile", "infinibandGUID", "portMappings"};

constexpr std::array<std::string_view, 4> kBandwidthKeys = {"ingressRate", "ingressBurst",
                                                            "egressRate", "egressBurst"};

// Words for the same thing that are further from ours than a slip of the finger.
struct Alias {
  std::string_view plain;
  std::string_view meant;
};

constexpr std::array kAliases = {
    Alias{"vlanid", "vlan"},           Alias{"qos", "vlanQoS"},
    Alias{"maxrate", "max_tx_rate"},   Alias{"minrate", "min_tx_rate"},
    Alias{"ratelimit", "max_tx_rate"}, Alias{"txrate", "max_tx_rate"},
    Alias{"spoofcheck", "spoofchk"},   Alias{"vlanprotocol", "vlanProto"},
    Alias{"trusted", "trust"},         Alias{"uplink", "master"},
};

// Lower case without separators: how people vary a name.
std::string plain(std::string_view key) {
  std::string text = to_lower(key);
  text.erase(std::remove_if(text.begin(), text.end(),
                            [](char c) { return c == '_' || c == '-' || c == '.' || c == ' '; }),
             text.end());
  return text;
}

// Short words are near to many others: "mode" is not "mtu".
std::size_t tolerance(std::size_t length) {
  if (length < 5) return 0;
  return length < 8 ? 1 : 2;
}

// "cieling": letters exchanged.
bool same_letters(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::is_permutation(a.begin(), a.end(), b.begin());
}

bool resembles(std::string_view key, std::string_view known) {
  const std::size_t most = tolerance(std::min(key.size(), known.size()));
  return (most > 0 && same_letters(key, known)) || edits_between(key, known) <= most;
}

std::optional<std::string_view> meant_by(std::string_view key,
                                         std::span<const std::string_view> known) {
  const std::string text = plain(key);
  for (const std::string_view name : known) {
    if (plain(name) == text) return name;
  }
  for (const Alias& alias : kAliases) {
    const bool here = std::find(known.begin(), known.end(), alias.meant) != known.end();
    if (here && alias.plain == text) return alias.meant;
  }
  for (const std::string_view name : known) {
    if (resembles(text, plain(name))) return name;
  }
  return std::nullopt;
}

Outcome<> judge(const nlohmann::json& object, std::string_view at,
                std::span<const std::string_view> known) {
  constexpr std::size_t kLongest = 64;  // No slip makes a word that long.
  for (const auto& [key, value] : object.items()) {
    const std::string lower = to_lower(key);
    const bool is_known = std::any_of(
        known.begin(), known.end(), [&](std::string_view name) { return to_lower(name) == lower; });
    if (is_known || key.size() > kLongest) continue;
    if (const auto meant = meant_by(key, known)) {
      return Failure(
          ErrorCode::unsupported_field,
          fmt::format("unknown key {}{}: did you mean '{}'?", at, in_quotes(key), *meant));
    }
  }
  return {};
}

const nlohmann::json* object_at(const nlohmann::json& json, std::string_view key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_object() ? &*found : nullptr;
}

}  // namespace

Outcome<> refuse_misspelt_keys(const nlohmann::json& conf) {
  TRY(judge(conf, "", kConfKeys));
  const nlohmann::json* const runtime = object_at(conf, "runtimeConfig");
  if (runtime == nullptr) return {};
  TRY(judge(*runtime, "in runtimeConfig ", kRuntimeKeys));
  const nlohmann::json* const bandwidth = object_at(*runtime, "bandwidth");
  if (bandwidth == nullptr) return {};
  return judge(*bandwidth, "in runtimeConfig.bandwidth ", kBandwidthKeys);
}

}  // namespace sluice::cni
