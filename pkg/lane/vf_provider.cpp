// Settings and rates of a VF, through its port. The VF's way into a pod and home is in
// vf_moves.cpp.
#include "pkg/lane/vf_provider.h"

#include <algorithm>
#include <thread>

#include "pkg/bandwidth/devlink_rate_shaper.h"
#include "pkg/bandwidth/plan.h"
#include "pkg/bandwidth/vf_rate_shaper.h"
#include "pkg/inventory/device.h"
#include "pkg/lane/vf_settings.h"

namespace sluice {
namespace {

// IFLA_VF_* refused with EBUSY or EAGAIN: the driver is resetting the VF, which takes ice up to 0.8
// s and i40e 0.3 s (ice_vf_lib.c, i40e_virtchnl_pf.c).
constexpr int kTries = 8;
constexpr std::chrono::milliseconds kFirstPause{5};

constexpr int kInfinibandType = 32;  // ARPHRD_INFINIBAND (linux/if_arp.h)

Result<> retrying(const std::function<Result<>()>& request) {
  std::chrono::milliseconds pause = kFirstPause;
  for (int attempt = 1;; ++attempt) {
    Result<> done = request();
    if (done || done.error().code() != Code::busy || attempt == kTries) return done;
    std::this_thread::sleep_for(pause);
    pause *= 2;
  }
}

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

}  // namespace

Result<PortFacts> VfProvider::port_of(const LaneRequest& request) {
  const VfPort port = TRY(locate_port_of(sysfs_, *request.vf));
  PortFacts facts{.port = port.address.to_string(),
                  .driver = std::string(capability_name(port.driver, port.device_id)),
                  .line_rate = {}};
  const std::string type_path = fmt::format("{}/net/{}/type", device_path(port.address), port.link);
  if (TRY(sysfs_.read(type_path)) == fmt::to_string(kInfinibandType)) {
    facts.driver = kIpoib;
  }
  if (capability_by_name(facts.driver).ceiling == CeilingEnforcement::none) return facts;
  facts.line_rate = TRY(line_rate(sysfs_, port.address)).value_or(BitRate());
  return facts;
}

std::string VfProvider::id_of(const LaneRequest& request) {
  return request.vf->to_string();
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
  const DriverCapability& capability = capability_by_name(port.driver);
  Uplink uplink{.index = link->index, .shaper = {}, .rates_apart = false};
  // Only a port in switchdev mode has the id; the others refuse the read.
  const std::string id_path =
      fmt::format("{}/net/{}/phys_switch_id", device_path(where.port), link->name);
  const bool limits = capability.ceiling != CeilingEnforcement::none;
  const auto switch_id = limits ? sysfs_.read(id_path) : std::optional<std::string>();
  if (switch_id && !switch_id->value_or("").empty()) {
    Devlink& devlink = *TRY(kernel_.devlink());
    uplink.shaper = std::make_unique<DevlinkRateShaper>(devlink, DevlinkDevice::pci(where.port),
                                                        where.index + 1);
    uplink.rates_apart = true;
    return uplink;
  }
  uplink.shaper =
      std::make_unique<VfRateShaper>(kernel_.links(), link->index, capability, port.line_rate);
  return uplink;
}

Result<> VfProvider::set(int port_index, int vf, const VfSettings& settings,
                         const VfSettings& required) const {
  const auto request = [&](const VfSettings& part) {
    return retrying([&] { return kernel_.links().set_vf(port_index, vf, part); });
  };
  Result<> all = request(settings);
  if (all || all.error().code() != Code::unsupported) return all;
  for (const VfSettings& part : one_by_one(settings)) {
    Result<> done = request(part);
    if (done) continue;
    if (done.error().code() != Code::unsupported || is_among(part, required)) return done;
  }
  return {};
}

Result<> VfProvider::set_mac(const LaneRecord& lane, const VfLocation& where,
                             int port_index) const {
  if (lane.link_index == 0) return {};
  const std::optional<Link> link = TRY(link_at_home(where, lane.link_index));
  if (!link) return Error(Code::busy, fmt::format("the link of VF {} has just gone", lane.id));
  // The VF first: once the port has given it a MAC, some drivers refuse every other (igbvf answers
  // EADDRNOTAVAIL), and those do not hand the port's MAC on to the link by themselves.
  const LinkChange change{.mac = lane.settings.mac};
  if (kernel_.links().change(link->index, change)) return {};
  const VfSettings forget{.mac = MacAddress()};
  TRY(set(port_index, lane.number, forget, forget));
  return kernel_.links().change(link->index, change).context("set MAC of VF {}", lane.id);
}

Result<> VfProvider::configure(const PortRecord& port, const LaneRecord& lane) {
  VfSettings required = lane.settings;
  if (lane.in_force != Rate()) required.rate = lane.in_force;
  if (required == VfSettings() && !capability_by_name(port.driver).vf_settings) return {};
  const VfLocation where = TRY(locate(lane));
  VfSettings settings = settings_of(port, lane);
  const Result<Uplink> uplink = uplink_of(port, where);
  if (!uplink) return required == VfSettings() ? Result<>() : uplink.error();
  if (lane.settings.mac) TRY(set_mac(lane, where, uplink->index));
  if (uplink->rates_apart) settings.rate.reset();
  TRY(set(uplink->index, lane.number, settings, required).context("configure VF {}", lane.id));
  const bool trusted = capability_by_name(port.driver).acknowledgement_trusted;
  if (trusted && !uplink->rates_apart) return {};
  return retrying([&] { return uplink->shaper->apply(lane.number, lane.in_force); });
}

Result<> VfProvider::set_rate(const PortRecord& port, const LaneRecord& lane, const Rate& rate) {
  const VfLocation where = TRY(locate(lane));
  const Uplink uplink = TRY(uplink_of(port, where));
  return retrying([&] { return uplink.shaper->apply(lane.number, rate); });
}

Result<> VfProvider::reset(const PortRecord& port, const LaneRecord& lane,
                           const VfLocation& where) const {
  const DriverCapability& capability = capability_by_name(port.driver);
  if (!capability.vf_settings) return {};
  const Result<Uplink> uplink = uplink_of(port, where);
  if (!uplink) return uplink.error().code() == Code::not_found ? Result<>() : uplink.error();
  VfSettings settings = baseline_settings(port);
  settings.rate = released_rate(capability, port.line_rate);
  if (lane.settings.link_state) settings.link_state = VfLinkState::automatic;
  if (lane.settings.mac) {
    // Some drivers do not take a MAC back; the VF's own serves as well, and neither may hold up
    // a release.
    const VfSettings forget{.mac = MacAddress()};
    const VfSettings own{.mac = lane.home.mac};
    if (!set(uplink->index, lane.number, forget, forget)) {
      static_cast<void>(set(uplink->index, lane.number, own, own));
    }
  }
  VfSettings required{.rate = settings.rate};
  if (lane.in_force == Rate()) required.rate.reset();
  if (uplink->rates_apart) {
    settings.rate.reset();
    TRY(retrying([&] { return uplink->shaper->clear(lane.number); }));
  }
  return set(uplink->index, lane.number, settings, required).context("reset VF {}", lane.id);
}

Result<> VfProvider::release(const PortRecord& port, const LaneRecord& lane) {
  const Result<VfLocation> where = locate(lane);
  if (!where && where.error().code() == Code::not_found) return {};  // The VF itself is gone.
  if (!where) return where.error();
  const std::optional<Link> home = TRY(bring_home(lane, *where));
  TRY(reset(port, lane, *where));
  if (!home || home->mac == lane.home.mac) return {};
  return retrying([&] { return kernel_.links().change(home->index, {.mac = lane.home.mac}); });
}

Result<std::vector<Drift>> VfProvider::inspect(const PortRecord& port, const LaneRecord& lane,
                                               const Pod& pod) {
  const VfLocation where = TRY(locate(lane));
  std::vector<Drift> drifts = compare_link(lane, TRY(pod.links.find(lane.owner.ifname)));
  if (capability_by_name(port.driver).ceiling == CeilingEnforcement::none) return drifts;
  const Uplink uplink = TRY(uplink_of(port, where));
  const VfList list = TRY(kernel_.links().vfs(uplink.index));
  VfSettings expected = lane.settings;
  if (!uplink.rates_apart) expected.rate = lane.in_force;
  if (const VfInfo* const vf = list.find(lane.number); vf != nullptr) {
    for (Drift& drift : compare_vf(expected, *vf)) drifts.push_back(std::move(drift));
  } else {
    drifts.push_back({"VF", fmt::format("number {}", lane.number), "no report of it"});
  }
  if (!uplink.rates_apart) return drifts;
  const VfList rates = TRY(uplink.shaper->read_back());
  const VfInfo* const leaf = rates.find(lane.number);
  const VfSettings rate{.rate = lane.in_force};
  for (Drift& drift : compare_vf(rate, leaf ? *leaf : VfInfo())) drifts.push_back(std::move(drift));
  return drifts;
}

Result<> VfProvider::set_again(const PortRecord& port, const LaneRecord& lane,
                               const VfSettings& settings) {
  const VfLocation where = TRY(locate(lane));
  const Uplink uplink = TRY(uplink_of(port, where));
  return set(uplink.index, lane.number, settings, settings);
}

Result<VfList> VfProvider::read_vfs(const PortRecord& port) {
  // The highest number: lists of devlink go no further than the VF they are asked for.
  const LaneRecord* last = nullptr;
  for (const LaneRecord& lane : port.lanes) {
    if (lane.provider == "vf" && (last == nullptr || lane.number > last->number)) last = &lane;
  }
  if (last == nullptr) {
    return Error(Code::invalid_argument, fmt::format("port {} has no VF lane", port.port));
  }
  const VfLocation where = TRY(locate(*last));
  const Uplink uplink = TRY(uplink_of(port, where));
  return uplink.shaper->read_back();
}

std::string VfProvider::rdma_device_of(const LaneRecord& lane) {
  const Result<PciAddress> vf = PciAddress::parse(lane.id);
  if (!vf) return {};
  const Result<std::optional<Dir>> device = sysfs_.open_dir(device_path(*vf));
  return device && *device ? rdma_of(**device).value_or(RdmaNames()).device : std::string();
}

}  // namespace sluice
