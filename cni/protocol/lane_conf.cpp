#include "cni/protocol/lane_conf.h"

#include <array>

#include "pkg/base/strings.h"

namespace sluice::cni {
namespace {

Outcome<std::optional<PciAddress>> read_device(const LaneSource& source) {
  constexpr const char* kKey = "deviceID";
  const auto at_runtime = TRY(source.runtime.text(kKey));
  const auto in_conf = TRY(source.conf.text(kKey));
  const bool from_runtime = at_runtime && !at_runtime->empty();
  const std::string text = from_runtime ? *at_runtime : in_conf.value_or("");
  if (text.empty()) return std::optional<PciAddress>();
  const Result<PciAddress> address = PciAddress::parse(text);
  if (!address) {
    return (from_runtime ? source.runtime : source.conf)
        .wrong(kKey, "a PCI address such as 0000:3b:02.1");
  }
  return std::optional(*address);
}

Outcome<std::optional<MacAddress>> parse_mac(const Fields& fields) {
  const auto text = TRY(fields.text("mac"));
  if (!text || text->empty()) return std::optional<MacAddress>();
  const Result<MacAddress> mac = MacAddress::parse(*text);
  if (!mac || mac->is_zero() || mac->is_multicast()) {
    return fields.wrong("mac", "a unicast MAC address");
  }
  return std::optional(*mac);
}

// runtimeConfig before CNI_ARGS before the configuration, as sriov-cni has it.
Outcome<std::optional<MacAddress>> read_mac(const LaneSource& source) {
  const auto in_conf = TRY(parse_mac(source.conf));
  const auto at_runtime = TRY(parse_mac(source.runtime));
  const auto& in_args = source.args.mac;
  if (in_args && (in_args->is_zero() || in_args->is_multicast())) {
    return Failure(
        ErrorCode::invalid_environment,
        fmt::format("CNI_ARGS MAC: want a unicast MAC address, got '{}'", in_args->to_string()));
  }
  if (at_runtime) return at_runtime;
  return in_args ? in_args : in_conf;
}

Outcome<std::optional<bool>> read_switch(const Fields& conf, const char* key) {
  const auto text = TRY(conf.text(key));
  if (!text || text->empty()) return std::optional<bool>();
  if (*text == "on") return std::optional(true);
  if (*text == "off") return std::optional(false);
  return conf.wrong(key, "'on' or 'off'");
}

Outcome<std::optional<VfLinkState>> read_link_state(const Fields& conf) {
  const auto text = TRY(conf.text("link_state"));
  if (!text || text->empty()) return std::optional<VfLinkState>();
  if (*text == "auto") return std::optional(VfLinkState::automatic);
  if (*text == "enable") return std::optional(VfLinkState::enable);
  if (*text == "disable") return std::optional(VfLinkState::disable);
  return conf.wrong("link_state", "'auto', 'enable' or 'disable'");
}

Outcome<VfSettings> read_settings(const LaneSource& source) {
  VfSettings settings;
  settings.mac = TRY(read_mac(source));
  settings.vlan = TRY(read_vlan(source.conf));
  settings.spoofchk = TRY(read_switch(source.conf, "spoofchk"));
  settings.trust = TRY(read_switch(source.conf, "trust"));
  settings.link_state = TRY(read_link_state(source.conf));
  return settings;
}

Outcome<OfUplink> read_software_lane(const Fields& conf) {
  for (const char* const key : {"vlan", "spoofchk", "trust", "link_state", "deviceID"}) {
    if (conf.find(key) != nullptr) {
      return Failure(ErrorCode::unsupported_field,
                     fmt::format("{}: not possible with provider 'soft'", conf.path(key)));
    }
  }
  OfUplink asked;
  asked.uplink = TRY(conf.text("master")).value_or("");
  if (asked.uplink.empty()) return conf.wrong("master", "the name of the uplink");
  asked.child = TRY(conf.text("child")).value_or(asked.child);
  if (asked.child != "macvlan" && asked.child != "veth") {
    return conf.wrong("child", "'macvlan' or 'veth'");
  }
  asked.line_rate = TRY(conf.quantity("lineRate"));
  return asked;
}

Outcome<> read_material(const LaneSource& source, LaneRequest& request) {
  const std::string provider = TRY(source.conf.text("provider")).value_or(std::string(kVfProvider));
  if (provider == kSoftProvider) {
    request.made_of = TRY(read_software_lane(source.conf));
    return {};
  }
  if (provider != kVfProvider) return source.conf.wrong("provider", "'vf' or 'soft'");
  if (const auto vf = TRY(read_device(source))) request.made_of = OfVf{*vf};
  return {};
}

Outcome<> read_mtu_and_timeout(const Fields& conf, LaneRequest& request) {
  constexpr int kLeastMtu = 68;         // ETH_MIN_MTU (linux/if_ether.h)
  constexpr int kMostMtu = 65535;       // ETH_MAX_MTU
  constexpr double kLongestWait = 120;  // Half of kubelet's time-out for a sandbox.
  const auto mtu = TRY(conf.integer("mtu", 0, kMostMtu));
  if (mtu && *mtu != 0) {
    if (*mtu < kLeastMtu) return conf.wrong("mtu", "68 to 65535");
    request.mtu = static_cast<int>(*mtu);
  }
  if (const auto wait = TRY(conf.seconds("wait", kLongestWait))) {
    request.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(*wait * 1000));
  }
  return {};
}

}  // namespace

Outcome<LaneRequest> read_lane_request(const LaneSource& source) {
  LaneRequest request;
  const AskedRates rates = TRY(read_rates(source));
  request.floor = rates.floor;
  request.ceiling = rates.ceiling;
  request.settings = TRY(read_settings(source));
  TRY(read_mtu_and_timeout(source.conf, request));
  if (source.runtime.find("infinibandGUID") != nullptr) {
    return Failure(ErrorCode::unsupported_field, "runtimeConfig.infinibandGUID: not supported");
  }
  TRY(read_material(source, request));
  return request;
}

Outcome<std::optional<VlanTag>> read_vlan(const Fields& conf) {
  const auto id = TRY(conf.integer("vlan", 0, 4094));
  const auto qos = TRY(conf.integer("vlanQoS", 0, 7));
  const auto protocol = TRY(conf.text("vlanProto"));
  VlanTag tag;
  const std::string name = to_lower(protocol.value_or("802.1q"));
  if (name == "802.1ad") {
    tag.protocol = VlanTag::kDot1ad;
  } else if (name != "802.1q") {
    return conf.wrong("vlanProto", "'802.1q' or '802.1ad'");
  }
  if (!id) {
    if (qos) return conf.wrong("vlanQoS", "'vlan' with it");
    if (protocol) return conf.wrong("vlanProto", "'vlan' with it");
    return std::optional<VlanTag>();
  }
  tag.id = static_cast<std::uint16_t>(*id);
  tag.qos = static_cast<std::uint8_t>(qos.value_or(0));
  if (tag.id == 0 && tag.qos != 0) return conf.wrong("vlanQoS", "0 where 'vlan' is 0");
  if (tag.id == 0 && tag.protocol == VlanTag::kDot1ad) {
    return conf.wrong("vlanProto", "'802.1q' where 'vlan' is 0");
  }
  return std::optional(tag);
}

}  // namespace sluice::cni
