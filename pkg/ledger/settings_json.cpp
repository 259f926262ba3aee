#include "pkg/ledger/settings_json.h"

#include <nlohmann/json.hpp>

#include "pkg/ledger/record_words.h"

namespace sluice {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kMostVlanId = 4094;
constexpr std::uint64_t kMostVlanQos = 7;

std::optional<MacAddress> decode_mac(JsonFields& fields) {
  if (!fields.has("mac")) return std::nullopt;
  const Result<MacAddress> mac = MacAddress::parse(fields.text("mac"));
  if (mac) return *mac;
  fields.reject("mac", mac.error().message());
  return std::nullopt;
}

std::optional<VlanTag> decode_vlan(JsonFields& fields) {
  if (!fields.has("vlan")) return std::nullopt;
  JsonFields vlan(fields.any("vlan"), fields.pointer("vlan"));
  const std::uint64_t id = vlan.number("id");
  const std::uint64_t qos = vlan.number("qos");
  const std::uint64_t protocol = vlan.number("protocol");
  if (id > kMostVlanId) vlan.reject("id", "want a VLAN from 0 to 4094");
  if (qos > kMostVlanQos) vlan.reject("qos", "want a priority from 0 to 7");
  if (protocol != VlanTag::kDot1q && protocol != VlanTag::kDot1ad) {
    vlan.reject("protocol", fmt::format("want {} or {}", VlanTag::kDot1q, VlanTag::kDot1ad));
  }
  fields.adopt(vlan.status());
  return VlanTag{.id = static_cast<std::uint16_t>(id),
                 .qos = static_cast<std::uint8_t>(qos),
                 .protocol = static_cast<std::uint16_t>(protocol)};
}

std::optional<bool> decode_flag(JsonFields& fields, const char* key) {
  if (!fields.has(key)) return std::nullopt;
  return fields.boolean(key);
}

std::optional<VfLinkState> decode_link_state(JsonFields& fields) {
  if (!fields.has("link_state")) return std::nullopt;
  const std::string word = fields.text("link_state");
  if (const auto state = index_of(kLinkStates, word)) return static_cast<VfLinkState>(*state);
  fields.reject("link_state", fmt::format("unknown state '{}'", word));
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

VfSettings decode_settings(JsonFields& fields) {
  return {.mac = decode_mac(fields),
          .vlan = decode_vlan(fields),
          .rate = {},
          .spoofchk = decode_flag(fields, "spoofchk"),
          .trust = decode_flag(fields, "trust"),
          .link_state = decode_link_state(fields),
          .node_guid = {},
          .port_guid = {}};
}

}  // namespace sluice
