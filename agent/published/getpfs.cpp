#include "agent/published/getpfs.h"

#include <nlohmann/json.hpp>

#include "agent/grants/port_share.h"
#include "agent/published/port_promises.h"
#include "pkg/ledger/records.h"

namespace sluice {
namespace {

using nlohmann::json;

constexpr const char* kUnknown = "N/A";

std::string on_off(const std::optional<bool>& value) {
  if (!value) return kUnknown;
  return *value ? "ON" : "OFF";
}

// The words of MLNX_OFED's file "sriov/<N>/config", which the papers' server read.
std::string link_state_of(const VfInfo& vf) {
  if (!vf.link_state) return kUnknown;
  switch (*vf.link_state) {
    case VfLinkState::automatic: return "Follow";
    case VfLinkState::enable: return "Up";
    case VfLinkState::disable: return "Down";
  }
  return kUnknown;
}

std::string protocol_of(const VlanTag& tag) {
  if (tag.id == 0 && tag.qos == 0) return kUnknown;
  return tag.protocol == VlanTag::kDot1ad ? "802.1ad" : "802.1Q";
}

/// A VF that the kernel said nothing of has none of these.
json settings_of(const VfInfo& vf) {
  const VlanTag tag = vf.vlan.value_or(VlanTag());
  return {{"vf", static_cast<std::uint64_t>(vf.index)},
          {"mac", vf.mac.value_or(MacAddress()).to_string()},
          {"vlan", std::uint64_t{tag.id}},
          {"qos", std::uint64_t{tag.qos}},
          {"vlan_proto", protocol_of(tag)},
          {"spoof_check", on_off(vf.spoofchk)},
          {"trust", on_off(vf.trust)},
          {"link_state", link_state_of(vf)},
          {"vgt_plus", "OFF"},
          {"rate_group", std::uint64_t{0}}};
}

VfInfo info_of(const Vf& vf, const VfList* list) {
  const VfInfo* const found = list == nullptr ? nullptr : list->find(vf.index);
  return found == nullptr ? VfInfo{.index = vf.index} : *found;
}

json encode(const Vf& vf, const VfInfo& info, const VfPromise* promise) {
  json encoded = settings_of(info);
  const Rate in_kernel = info.rate.value_or(Rate());
  const BitRate floor = promise == nullptr ? in_kernel.floor : promise->cost;
  const BitRate ceiling = promise == nullptr ? in_kernel.ceiling : promise->rate.ceiling;
  encoded["min_tx_rate"] = floor.as_mbps_ceil();
  encoded["max_tx_rate"] = ceiling.as_mbps_floor();
  encoded["allocated"] = promise != nullptr || vf.state != VfState::ready;
  return encoded;
}

json encode(const Port& port, BitRate line_rate, const PortPromises& promises, const VfList* list) {
  json vfs = json::array();
  std::uint64_t used_rate = 0;
  std::uint64_t used_vfs = 0;
  for (const Vf& vf : port.vfs) {
    const auto promise = promises.find(vf.address.to_string());
    vfs.push_back(
        encode(vf, info_of(vf, list), promise == promises.end() ? nullptr : &promise->second));
    used_rate += vfs.back()["min_tx_rate"].get<std::uint64_t>();
    if (vfs.back()["allocated"].get<bool>()) ++used_vfs;
  }
  return {{"name", port.link},
          {"used_tx_rate", used_rate},
          {"capacity_tx_rate", line_rate.as_mbps_floor()},
          {"used_vfs", used_vfs},
          {"capacity_vfs", std::uint64_t{port.vfs.size()}},
          {"vfs", std::move(vfs)}};
}

}  // namespace

json getpfs(const NodeState& node, const SetAside& aside, const VfLists::ByLink& kernel) {
  const std::vector<PortPromises> promises = port_promises(node, aside);
  json all = json::array();
  for (std::size_t i = 0; i < promises.size(); ++i) {
    const Port& port = node.inventory.ports[i];
    if (port.link.empty() || port.vfs.empty()) continue;
    const auto list = kernel.find(port.link);
    const BitRate line_rate = line_rate_of(port, find_record(node.after, port.address.to_string()));
    all.push_back(
        encode(port, line_rate, promises[i], list == kernel.end() ? nullptr : &list->second));
  }
  return all;
}

}  // namespace sluice
