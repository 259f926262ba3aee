#include "pkg/netlink/decode_vf.h"

#include <arpa/inet.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <limits>

namespace sluice {
namespace {

// What the kernel presets where a driver may say nothing (net/core/rtnetlink.c, rtnl_fill_vfinfo).
constexpr std::uint32_t kUnsaid = 0xffffffff;
// The kernel hands rates to drivers as int, in Mbit/s.
constexpr std::uint64_t kMaxMbps = std::numeric_limits<std::int32_t>::max();

template <typename T>
std::optional<bool> flag_of(const Attribute& attribute) {
  const auto value = attribute.as<T>();
  if (!value || value->setting == kUnsaid) return std::nullopt;
  return value->setting != 0;
}

void read_vlan(const Attribute& attribute, VfInfo& vf) {
  const auto value = attribute.as<ifla_vf_vlan>();
  if (!value || vf.vlan) return;  // The list says the same and the protocol too.
  vf.vlan = VlanTag{.id = static_cast<std::uint16_t>(value->vlan),
                    .qos = static_cast<std::uint8_t>(value->qos)};
}

void read_vlan_list(const Attribute& list, VfInfo& vf) {
  const auto info = Attributes(list.payload).find(IFLA_VF_VLAN_INFO);
  const auto value = info ? info->as<ifla_vf_vlan_info>() : std::nullopt;
  if (!value) return;
  vf.vlan = VlanTag{.id = static_cast<std::uint16_t>(value->vlan),
                    .qos = static_cast<std::uint8_t>(value->qos),
                    .protocol = ntohs(value->vlan_proto)};
}

void read_rate(const Attribute& attribute, VfInfo& vf) {
  const auto value = attribute.as<ifla_vf_rate>();
  if (!value) return;
  vf.rate = Rate{.floor = BitRate::mbps(value->min_tx_rate),
                 .ceiling = BitRate::mbps(value->max_tx_rate)};
}

void read_link_state(const Attribute& attribute, VfInfo& vf) {
  const auto value = attribute.as<ifla_vf_link_state>();
  if (value && value->link_state <= IFLA_VF_LINK_STATE_DISABLE) {
    vf.link_state = static_cast<VfLinkState>(value->link_state);
  }
}

void read_setting(const Attribute& attribute, VfInfo& vf) {
  switch (attribute.type) {
    case IFLA_VF_VLAN: read_vlan(attribute, vf); break;
    case IFLA_VF_VLAN_LIST: read_vlan_list(attribute, vf); break;
    case IFLA_VF_RATE: read_rate(attribute, vf); break;
    case IFLA_VF_LINK_STATE: read_link_state(attribute, vf); break;
    case IFLA_VF_SPOOFCHK: vf.spoofchk = flag_of<ifla_vf_spoofchk>(attribute); break;
    case IFLA_VF_TRUST: vf.trust = flag_of<ifla_vf_trust>(attribute); break;
    default: break;
  }
}

/// nullopt without the attribute that the kernel always sends first and that names the VF.
std::optional<VfInfo> read_vf(const Attribute& info, bool ethernet) {
  if (info.type != IFLA_VF_INFO) return std::nullopt;
  const Attributes settings(info.payload);
  const auto first = settings.find(IFLA_VF_MAC);
  const auto mac = first ? first->as<ifla_vf_mac>() : std::nullopt;
  if (!mac) return std::nullopt;
  VfInfo vf{.index = static_cast<int>(mac->vf)};
  if (ethernet) {
    MacAddress::Bytes bytes{};
    std::copy_n(std::begin(mac->mac), bytes.size(), bytes.begin());
    vf.mac = MacAddress(bytes);
  }
  for (const Attribute& attribute : settings) read_setting(attribute, vf);
  return vf;
}

Result<std::uint32_t> whole_mbps(BitRate rate) {
  if (rate.as_mbps_floor() != rate.as_mbps_ceil() || rate.as_mbps_floor() > kMaxMbps) {
    return Error(Code::invalid_argument,
                 fmt::format("want whole Mbit/s below 2147483648, got {}", to_string(rate)));
  }
  return static_cast<std::uint32_t>(rate.as_mbps_floor());
}

Result<> check_vlan(const VlanTag& vlan) {
  if (vlan.id > 4094 || vlan.qos > 7) {
    return Error(
        Code::invalid_argument,
        fmt::format("want VLAN 0-4094 with priority 0-7, got {} with {}", vlan.id, vlan.qos));
  }
  return {};
}

/// 802.1Q goes the old way, which every driver knows; another protocol only fits the new one.
void put_vlan(Message& message, std::uint32_t vf, const VlanTag& vlan) {
  if (vlan.protocol == VlanTag::kDot1q) {
    message.put(IFLA_VF_VLAN, ifla_vf_vlan{.vf = vf, .vlan = vlan.id, .qos = vlan.qos});
    return;
  }
  const auto list = message.nest(IFLA_VF_VLAN_LIST);
  message.put(IFLA_VF_VLAN_INFO,
              ifla_vf_vlan_info{
                  .vf = vf, .vlan = vlan.id, .qos = vlan.qos, .vlan_proto = htons(vlan.protocol)});
}

void put_mac(Message& message, std::uint32_t vf, const MacAddress& mac) {
  ifla_vf_mac value{.vf = vf, .mac = {}};
  std::copy(mac.bytes().begin(), mac.bytes().end(), std::begin(value.mac));
  message.put(IFLA_VF_MAC, value);
}

void put_guid(Message& message, int type, std::uint32_t vf, std::uint64_t guid) {
  message.put(type, ifla_vf_guid{.vf = vf, .guid = guid});
}

void put_switches(Message& message, std::uint32_t vf, const VfSettings& settings) {
  if (settings.spoofchk) {
    message.put(IFLA_VF_SPOOFCHK, ifla_vf_spoofchk{.vf = vf, .setting = *settings.spoofchk});
  }
  if (settings.link_state) {
    const auto state = static_cast<std::uint32_t>(*settings.link_state);
    message.put(IFLA_VF_LINK_STATE, ifla_vf_link_state{.vf = vf, .link_state = state});
  }
  if (settings.trust) {
    message.put(IFLA_VF_TRUST, ifla_vf_trust{.vf = vf, .setting = *settings.trust});
  }
}

}  // namespace

Result<VfList> decode_vfs(Bytes payload) {
  const auto header = read_as<ifinfomsg>(payload);
  if (!header) return Error(Code::internal, "link message cut short");
  const bool ethernet = header->ifi_type == ARPHRD_ETHER;  // Else the address is longer.
  // The first of each: after a wrapped length, the list's own bytes pass for attributes.
  const Attributes attributes = attributes_after<ifinfomsg>(payload);
  VfList list;
  const auto announced = attributes.find(IFLA_NUM_VF);
  if (announced) list.announced = announced->as<std::uint32_t>().value_or(0);
  const auto infos = attributes.find(IFLA_VFINFO_LIST);
  if (!infos) return list;
  for (const Attribute& info : Attributes(infos->payload)) {
    if (auto vf = read_vf(info, ethernet)) list.vfs.push_back(*vf);
  }
  std::sort(list.vfs.begin(), list.vfs.end(),
            [](const VfInfo& a, const VfInfo& b) { return a.index < b.index; });
  return list;
}

Result<> put_vf_settings(Message& message, int vf, const VfSettings& settings) {
  if (vf < 0) return Error(Code::invalid_argument, fmt::format("want a VF index, got {}", vf));
  if (settings.vlan) TRY(check_vlan(*settings.vlan));
  const Rate rate = settings.rate.value_or(Rate());
  const std::uint32_t floor = TRY(whole_mbps(rate.floor).context("floor"));
  const std::uint32_t ceiling = TRY(whole_mbps(rate.ceiling).context("ceiling"));

  const auto index = static_cast<std::uint32_t>(vf);
  const auto list = message.nest(IFLA_VFINFO_LIST);
  const auto info = message.nest(IFLA_VF_INFO);
  if (settings.mac) put_mac(message, index, *settings.mac);
  if (settings.vlan) put_vlan(message, index, *settings.vlan);
  if (settings.rate) {
    message.put(IFLA_VF_RATE,
                ifla_vf_rate{.vf = index, .min_tx_rate = floor, .max_tx_rate = ceiling});
  }
  put_switches(message, index, settings);
  if (settings.node_guid) put_guid(message, IFLA_VF_IB_NODE_GUID, index, *settings.node_guid);
  if (settings.port_guid) put_guid(message, IFLA_VF_IB_PORT_GUID, index, *settings.port_guid);
  return {};
}

}  // namespace sluice
