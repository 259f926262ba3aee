#include "pkg/ledger/settings_json.h"

#include <nlohmann/json.hpp>

#include "pkg/ledger/record_words.h"

namespace sluice {
namespace {

using Json = nlohmann::json;

constexpr int kMostVlanId = 4094;
constexpr int kMostVlanQos = 7;

std::optional<MacAddress> decode_mac(Members& settings) {
  if (settings.find("mac") == nullptr) return std::nullopt;
  const Result<MacAddress> mac = MacAddress::parse(settings.text("mac"));
  if (mac) return *mac;
  settings.reject("mac", mac.error().message());
  return std::nullopt;
}

std::optional<VlanTag> decode_vlan(Members& settings) {
  if (settings.find("vlan") == nullptr) return std::nullopt;
  Members vlan = settings.object("vlan");
  const std::uint64_t protocol = vlan.number("protocol");
  if (protocol != VlanTag::kDot1q && protocol != VlanTag::kDot1ad) {
    vlan.reject("protocol", fmt::format("want {} or {}", VlanTag::kDot1q, VlanTag::kDot1ad));
  }
  return VlanTag{.id = static_cast<std::uint16_t>(vlan.number("id", 0, kMostVlanId).value_or(0)),
                 .qos = static_cast<std::uint8_t>(vlan.number("qos", 0, kMostVlanQos).value_or(0)),
                 .protocol = static_cast<std::uint16_t>(protocol)};
}

std::optional<bool> decode_flag(Members& settings, const char* key) {
  if (settings.find(key) == nullptr) return std::nullopt;
  return settings.boolean(key, false);
}

std::optional<VfLinkState> decode_link_state(Members& settings) {
  if (settings.find("link_state") == nullptr) return std::nullopt;
  const std::string word = settings.text("link_state");
  if (const auto state = index_of(kLinkStates, word)) return static_cast<VfLinkState>(*state);
  settings.reject("link_state", fmt::format("unknown state '{}'", word));
  return std::nullopt;
}

}  // namespace

Json encode_settings(const VfSettings& settings) {
  Json json = Json::object();
  if (settings.mac) json["mac"] = settings.mac->to_string();
  if (settings.vlan) {
    json["vlan"] = {{"id", settings.vlan->id},
                    {"qos", settings.vlan->qos},
                    {"protocol", settings.vlan->protocol}};
  }
  if (settings.spoofchk) json["spoofchk"] = *settings.spoofchk;
  if (settings.trust) json["trust"] = *settings.trust;
  if (settings.link_state) {
    json["link_state"] = kLinkStates[static_cast<std::size_t>(*settings.link_state)];
  }
  return json;
}

VfSettings decode_settings(Members settings) {
  return {.mac = decode_mac(settings),
          .vlan = decode_vlan(settings),
          .rate = {},
          .spoofchk = decode_flag(settings, "spoofchk"),
          .trust = decode_flag(settings, "trust"),
          .link_state = decode_link_state(settings),
          .node_guid = {},
          .port_guid = {}};
}

}  // namespace sluice
