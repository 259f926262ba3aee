#include "pkg/ledger/record.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include <nlohmann/json.hpp>

#include "pkg/ledger/json_fields.h"

namespace sluice {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kVersion = 1;

constexpr std::array<std::string_view, 4> kPhases = {"reserved", "configured", "attached",
                                                     "releasing"};
constexpr std::array<std::string_view, 3> kLinkStates = {"auto", "enable", "disable"};

// The position of `text` in `names`; nullopt when it is none of them.
template <std::size_t N>
std::optional<std::size_t> index_of(const std::array<std::string_view, N>& names,
                                    std::string_view text) {
  const auto found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

template <typename Int>
Int narrow(JsonFields& fields, const char* key) {
  const std::uint64_t value = fields.number(key);
  if (value > static_cast<std::uint64_t>(std::numeric_limits<Int>::max())) {
    fields.reject(key, fmt::format("{} is too large", value));
  }
  return static_cast<Int>(value);
}

MacAddress mac_address(JsonFields& fields, const char* key) {
  const std::string text = fields.text(key);
  const Result<MacAddress> mac = MacAddress::parse(text);
  if (!mac) fields.reject(key, mac.error().message());
  return mac.value_or(MacAddress());
}

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

VlanTag decode_vlan(JsonFields& parent) {
  JsonFields fields(parent.any("vlan"), parent.pointer("vlan"));
  const VlanTag tag{.id = narrow<std::uint16_t>(fields, "id"),
                    .qos = narrow<std::uint8_t>(fields, "qos"),
                    .protocol = narrow<std::uint16_t>(fields, "protocol")};
  parent.adopt(fields.status());
  return tag;
}

VfSettings decode_settings(JsonFields& parent) {
  JsonFields fields(parent.any("settings"), parent.pointer("settings"));
  VfSettings settings;
  if (fields.has("mac")) settings.mac = mac_address(fields, "mac");
  if (fields.has("vlan")) settings.vlan = decode_vlan(fields);
  if (fields.has("spoofchk")) settings.spoofchk = fields.boolean("spoofchk");
  if (fields.has("trust")) settings.trust = fields.boolean("trust");
  if (fields.has("link_state")) {
    const auto state = index_of(kLinkStates, fields.text("link_state"));
    if (!state) fields.reject("link_state", "want auto, enable or disable");
    settings.link_state = static_cast<VfLinkState>(state.value_or(0));
  }
  parent.adopt(fields.status());
  return settings;
}

Json encode_owner(const Owner& owner) {
  return {{"network", owner.network}, {"container_id", owner.container_id},
          {"ifname", owner.ifname},   {"netns", owner.netns},
          {"pod", owner.pod},         {"netns_cookie", owner.netns_cookie}};
}

Owner decode_owner(JsonFields& parent) {
  JsonFields fields(parent.any("owner"), parent.pointer("owner"));
  Owner owner{.network = fields.text("network"),
              .container_id = fields.text("container_id"),
              .ifname = fields.text("ifname"),
              .netns = fields.text("netns"),
              .netns_cookie = fields.number("netns_cookie"),
              .pod = fields.text("pod")};
  parent.adopt(fields.status());
  return owner;
}

Home decode_home(JsonFields& parent) {
  JsonFields fields(parent.any("home"), parent.pointer("home"));
  Home home{.name = fields.text("name"),
            .mac = mac_address(fields, "mac"),
            .mtu = narrow<int>(fields, "mtu")};
  parent.adopt(fields.status());
  return home;
}

Json json_of(const LaneRecord& lane) {
  return {{"id", lane.id},
          {"provider", lane.provider},
          {"number", lane.number},
          {"phase", to_string(lane.phase)},
          {"owner", encode_owner(lane.owner)},
          {"class", lane.class_name},
          {"asked", encode_rate(lane.asked)},
          {"in_force", encode_rate(lane.in_force)},
          {"settings", encode_settings(lane.settings)},
          {"home",
           {{"name", lane.home.name}, {"mac", lane.home.mac.to_string()}, {"mtu", lane.home.mtu}}},
          {"link_index", lane.link_index},
          {"rdma_device", lane.rdma_device},
          {"child", lane.child}};
}

Result<LaneRecord> decode_lane(const Json& json, const std::string& at) {
  JsonFields fields(json, at);
  const auto phase = index_of(kPhases, fields.text("phase"));
  if (!phase) fields.reject("phase", "want reserved, configured, attached or releasing");
  LaneRecord lane{.id = fields.text("id"),
                  .provider = fields.text("provider"),
                  .number = narrow<int>(fields, "number"),
                  .phase = static_cast<Phase>(phase.value_or(0)),
                  .owner = decode_owner(fields),
                  .class_name = fields.text("class"),
                  .asked = fields.rate("asked"),
                  .in_force = fields.rate("in_force"),
                  .settings = decode_settings(fields),
                  .home = decode_home(fields),
                  .link_index = narrow<int>(fields, "link_index"),
                  .rdma_device = fields.text("rdma_device"),
                  .child = fields.text("child")};
  TRY(fields.status());
  return lane;
}

}  // namespace

std::string_view to_string(Phase phase) {
  return kPhases[static_cast<std::size_t>(phase)];
}

std::string_view port_label(std::string_view port) {
  if (port.starts_with(kUplinkPrefix)) port.remove_prefix(kUplinkPrefix.size());
  return port;
}

LaneRecord* PortRecord::find(std::string_view lane_id) {
  const auto found = std::find_if(lanes.begin(), lanes.end(),
                                  [&](const LaneRecord& lane) { return lane.id == lane_id; });
  return found == lanes.end() ? nullptr : &*found;
}

std::string encode_lane(const LaneRecord& lane) {
  // Names that are not UTF-8 (a link can have any bytes) must not make dump() throw.
  return json_of(lane).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string encode(const PortRecord& record, std::string_view boot_id) {
  std::vector<std::string> lines;
  for (const LaneRecord& lane : record.lanes) lines.push_back(encode_lane(lane));
  return encode(record, boot_id, lines);
}

std::string encode(const PortRecord& record, std::string_view boot_id,
                   const std::vector<std::string>& lines) {
  const Json head = {{"version", kVersion},
                     {"boot_id", boot_id},
                     {"port", record.port},
                     {"driver", record.driver},
                     {"line_rate", record.line_rate.as_bits_per_second()}};
  std::string text = head.dump();
  text.back() = ',';  // The closing brace: the lanes follow, one a line for grep and diff.
  text += "\"lanes\":[";
  const char* separator = "\n";
  for (const std::string& line : lines) {
    text += separator;
    text += line;
    separator = ",\n";
  }
  return text + "]}\n";
}

Result<DecodedPort> decode_port(std::string_view text) {
  const Json json = TRY(parse_json(text));
  JsonFields fields(json, "");
  if (fields.number("version") != kVersion) fields.reject("version", "want 1");
  DecodedPort port{.record = {.port = fields.text("port"),
                              .driver = fields.text("driver"),
                              .line_rate = BitRate::bits_per_second(fields.number("line_rate")),
                              .lanes = {}},
                   .boot_id = fields.text("boot_id")};
  const Json& lanes = fields.array("lanes");
  TRY(fields.status());
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    port.record.lanes.push_back(TRY(decode_lane(lanes[i], fmt::format("/lanes/{}", i))));
  }
  return port;
}

}  // namespace sluice
