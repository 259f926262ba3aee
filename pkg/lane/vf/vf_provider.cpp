// Settings and rates of a VF, through its port. How they are written and taken back is in
// vf_settings_write.cpp, its MAC in vf_mac.cpp, its way into a pod in vf_moves.cpp and home in
// vf_home.cpp, what the agent looks after in vf_upkeep.cpp.
#include "pkg/lane/vf/vf_provider.h"

#include "pkg/bandwidth/devlink_rate_shaper.h"
#include "pkg/bandwidth/rate_plan.h"
#include "pkg/bandwidth/vf_rate_shaper.h"
#include "pkg/inventory/device.h"
#include "pkg/lane/vf/lane_settings.h"
#include "pkg/lane/vf/retrying.h"
#include "pkg/lane/vf/vf_driver.h"
#include "pkg/netlink/vf_settings.h"

namespace sluice {
namespace {

constexpr int kInfinibandType = 32;  // ARPHRD_INFINIBAND (linux/if_arp.h)

std::vector<Drift> compare_link(const LaneRecord& lane, const std::optional<Link>& link) {
  std::vector<Drift> drifts;
  if (lane.link_index != 0 && (!link || link->index != lane.link_index)) {
    drifts.push_back({"link", fmt::format("'{}'", lane.owner.ifname), "none or another"});
  }
  if (link && lane.settings.mac && lane.settings.mac != link->mac) {
    const std::string found = link->mac ? link->mac->to_string() : "nothing";
    drifts.push_back({"mac", lane.settings.mac->to_string(), found});
  }
  return drifts;
}

// What the lane cannot do without: what was asked for, a rate, and what an earlier release had to
// leave, for it would be the last pod's setting.
VfSettings required_settings(const PortRecord& port, const LaneRecord& lane) {
  VfSettings required = lane.settings;
  if (lane.in_force != Rate()) required.rate = lane.in_force;
  const UnresetVf* const unreset = port.find_unreset(lane.id);
  VfSettings all = unreset != nullptr ? unreset->settings : VfSettings();
  merge(all, required);
  return all;
}

Result<> check_settings(const PortRecord& port, const VfSettings& required) {
  const VfDriver& driver = vf_driver_of(port.driver);
  if (required.link_state == VfLinkState::enable && !driver.enables_link) {
    return Error(Code::unsupported,
                 fmt::format("driver {} does nothing for link state 'enable'", port.driver));
  }
  if (driver.settings) return {};
  const bool beyond = required.mac || required.vlan || required.spoofchk || required.trust;
  if (!beyond) return {};
  return Error(Code::unsupported, fmt::format("port {}: VFs of an InfiniBand port have no MAC, "
                                              "VLAN, spoof check or trust to be set",
                                              port.port));
}

}  // namespace

bool VfProvider::makes(const Material& asked) const {
  return std::holds_alternative<OfVf>(asked);
}

Result<PortFacts> VfProvider::port_of(const LaneRequest& request) {
  const PciAddress vf = std::get_if<OfVf>(&request.made_of)->vf;
  const VfPort port = TRY(locate_port_of(sysfs_, vf));
  PortFacts facts{.port = port.address.to_string(),
                  .driver = std::string(capability_name(port.driver, port.device_id)),
                  .line_rate = {},
                  .lane_id = vf.to_string()};
  const Dir device = TRY(open_device(sysfs_, port.address));
  const std::string link = "net/" + port.link;
  if (TRY(device.read(link + "/type")) == fmt::to_string(kInfinibandType)) facts.driver = kIpoib;
  if (capability_of(facts.driver).ceiling == CeilingEnforcement::none) return facts;
  // Before the line rate: what changes between the two is noticed.
  facts.carrier_changes = TRY(carrier_changes_of(device, link));
  facts.line_rate = TRY(line_rate_of(device, link)).value_or(BitRate());
  return facts;
}

Result<VfLocation> VfProvider::locate(const LaneRecord& lane) const {
  return locate_vf(sysfs_, TRY(PciAddress::parse(lane.id)), lane.number);
}

Result<std::optional<Link>> VfProvider::link_of_port(const VfLocation& where) const {
  std::optional<Link> link;
  if (!where.port_link.empty()) link = TRY(kernel_.links().find(where.port_link));
  if (link && link->parent_bus == "pci" && link->parent_device != where.port.to_string()) {
    link.reset();
  }
  return link;
}

Result<VfProvider::Uplink> VfProvider::uplink_of(const PortRecord& port,
                                                 const VfLocation& where) const {
  std::optional<Link> link = TRY(link_of_port(where));
  if (!link) {
    const VfLocation now = TRY(locate_vf(sysfs_, where.vf, where.index));
    link = TRY(link_of_port(now));  // udev may just have renamed it.
  }
  if (!link) {
    return Error(Code::not_found,
                 fmt::format("port {} has no link in the host's namespace", port.port));
  }
  const DriverCapability& capability = capability_of(port.driver);
  Uplink uplink{.index = link->index, .shaper = {}, .rates_apart = false};
  uplink.shaper =
      std::make_unique<VfRateShaper>(kernel_.links(), link->index, capability, port.line_rate);
  if (capability.leaves == LeafRates::none) return uplink;
  Devlink& devlink = *TRY(kernel_.devlink());
  DevlinkDevice device = DevlinkDevice::pci(where.port);
  if (!link->parent_device.empty()) device = {link->parent_bus, link->parent_device};
  const Result<std::optional<EswitchMode>> mode = devlink.eswitch_mode(device);
  // In a mode that a later kernel has the legacy call is tried, and what it answers counts.
  const bool is_unknown = !mode && mode.error().code() == Code::unsupported;
  if (!mode && !is_unknown) return mode.error();
  if (is_unknown || *mode != EswitchMode::switchdev) return uplink;
  uplink.shaper = std::make_unique<DevlinkRateShaper>(devlink, std::move(device), capability.leaves,
                                                      std::move(uplink.shaper));
  uplink.rates_apart = true;
  return uplink;
}

Result<> VfProvider::settle_mac(const PortRecord& port, const LaneRecord& lane,
                                const VfLocation& where, int port_index) const {
  if (lane.link_index == 0) return {};
  if (lane.settings.mac) return give_mac(port, lane, where, port_index, *lane.settings.mac);
  const UnresetVf* const unreset = port.find_unreset(lane.id);
  if (unreset != nullptr && unreset->settings.mac) {
    TRY(take_port_mac_back(port, where, port_index, *unreset->settings.mac));
    return settle_link_mac(port, where, lane.link_index, *unreset->settings.mac);
  }
  if (!vf_driver_of(port.driver).fresh_without_mac) return {};
  const std::optional<Link> link = TRY(link_at_home(where, lane.link_index));
  if (!link || link->mac == lane.home.mac) return {};
  return give_mac(port, lane, where, port_index, lane.home.mac);
}

Result<> VfProvider::configure(const PortRecord& port, const LaneRecord& lane) {
  const VfSettings required = required_settings(port, lane);
  TRY(check_settings(port, required));
  if (required == VfSettings() && !capability_of(port.driver).vf_settings) return {};
  const VfLocation where = TRY(locate(lane));
  const Result<Uplink> uplink = uplink_of(port, where);
  if (!uplink) return required == VfSettings() ? Result<>() : uplink.error();
  TRY(settle_mac(port, lane, where, uplink->index));
  VfSettings settings = settings_of(port, lane);
  if (uplink->rates_apart) settings.rate.reset();
  for (const auto& [part, error] : TRY(write(uplink->index, lane.number, settings))) {
    if (is_unsupported(part, error) && !is_among(part, required)) continue;
    if (part.rate == Rate() && has_no_rate(uplink->index, lane.number)) continue;
    return Result<>(error).context("configure VF {}", lane.id);
  }
  const bool trusted = capability_of(port.driver).acknowledgement_trusted;
  if (trusted && !uplink->rates_apart) return {};
  return retrying([&] { return uplink->shaper->apply(lane.number, lane.in_force); });
}

Result<> VfProvider::set_rate(const PortRecord& port, const LaneRecord& lane, const Rate& rate) {
  const VfLocation where = TRY(locate(lane));
  const Uplink uplink = TRY(uplink_of(port, where));
  return retrying([&] { return uplink.shaper->apply(lane.number, rate); });
}

Result<std::vector<Drift>> VfProvider::inspect(const PortRecord& port, const LaneRecord& lane,
                                               const Pod& pod) {
  const VfLocation where = TRY(locate(lane));
  std::vector<Drift> drifts = compare_link(lane, TRY(pod.links.find(lane.owner.ifname)));
  if (capability_of(port.driver).ceiling == CeilingEnforcement::none) return drifts;
  const Uplink uplink = TRY(uplink_of(port, where));
  const VfList list = TRY(uplink.shaper->read_back());
  VfSettings expected = lane.settings;
  expected.rate = lane.in_force;
  // One that is missing is unknown: its driver is resetting it, or the list was cut short.
  if (const VfInfo* const vf = list.find(lane.number); vf != nullptr) {
    for (const VfDifference& each : differences(expected, *vf)) {
      drifts.push_back({each.what, each.expected, each.found});
    }
  }
  return drifts;
}

RdmaNames VfProvider::rdma_of(const LaneRecord& lane) {
  const Result<PciAddress> vf = PciAddress::parse(lane.id);
  if (!vf) return {};
  const Result<std::optional<Dir>> device = sysfs_.open_dir(device_path(*vf));
  return device && *device ? sluice::rdma_of(**device).value_or(RdmaNames()) : RdmaNames();
}

}  // namespace sluice
