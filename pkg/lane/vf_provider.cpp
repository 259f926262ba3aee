// Settings and rates of a VF, through its port. The VF's way into a pod and home is in
// vf_moves.cpp.
#include "pkg/lane/vf_provider.h"

#include <algorithm>
#include <thread>

#include "pkg/bandwidth/plan.h"
#include "pkg/inventory/device.h"

namespace sluice {
namespace {

// IFLA_VF_* refused with EBUSY or EAGAIN: the driver is resetting the VF, which takes ice up to 0.8
// s and i40e 0.3 s (ice_vf_lib.c, i40e_virtchnl_pf.c).
constexpr int kTries = 8;
constexpr std::chrono::milliseconds kFirstPause{5};

constexpr int kInfinibandType = 32;  // ARPHRD_INFINIBAND (linux/if_arp.h)

// What capability_by_name() has no row for: IPoIB has no VF rates.
constexpr const char* kInfinibandDriver = "ipoib";

Result<> retrying(const std::function<Result<>()>& request) {
  std::chrono::milliseconds pause = kFirstPause;
  for (int attempt = 1;; ++attempt) {
    Result<> done = request();
    if (done || done.error().code() != Code::busy || attempt == kTries) return done;
    std::this_thread::sleep_for(pause);
    pause *= 2;
  }
}

// What a VF has that nobody uses. The MAC and the link state are only ever set when asked for.
VfSettings baseline() {
  return {.vlan = VlanTag{}, .rate = Rate{}, .spoofchk = true, .trust = false};
}

// `settings` taken apart, in the order in which the kernel applies them.
std::vector<VfSettings> one_by_one(const VfSettings& settings) {
  std::vector<VfSettings> parts;
  if (settings.mac) parts.push_back({.mac = settings.mac});
  if (settings.vlan) parts.push_back({.vlan = settings.vlan});
  if (settings.rate) parts.push_back({.rate = settings.rate});
  if (settings.spoofchk) parts.push_back({.spoofchk = settings.spoofchk});
  if (settings.link_state) parts.push_back({.link_state = settings.link_state});
  if (settings.trust) parts.push_back({.trust = settings.trust});
  return parts;
}

// Whether the only setting of `part` was asked for by the lane's user.
bool is_required(const VfSettings& part, const VfSettings& required) {
  return (part.mac && required.mac) || (part.vlan && required.vlan) ||
         (part.rate && required.rate) || (part.spoofchk && required.spoofchk) ||
         (part.link_state && required.link_state) || (part.trust && required.trust);
}

std::string describe_rate(const Rate& rate) {
  return fmt::format("floor {} ceiling {}", to_string(rate.floor),
                     rate.ceiling.is_zero() ? "none" : to_string(rate.ceiling));
}

template <typename T, typename ToText>
void compare(std::vector<Drift>& drifts, const char* what, const std::optional<T>& expected,
             const std::optional<T>& found, ToText to_text) {
  if (!expected || expected == found) return;
  drifts.push_back({what, to_text(*expected), found ? to_text(*found) : "nothing"});
}

void compare_vf(std::vector<Drift>& drifts, const VfSettings& expected, const VfInfo& found) {
  const auto on_off = [](bool on) { return std::string(on ? "on" : "off"); };
  const auto tag = [](const VlanTag& vlan) { return fmt::format("{} qos {}", vlan.id, vlan.qos); };
  const auto state = [](VfLinkState s) { return fmt::format("{}", static_cast<int>(s)); };
  compare(drifts, "rate", expected.rate, found.rate, describe_rate);
  compare(drifts, "vlan", expected.vlan, found.vlan, tag);
  compare(drifts, "spoofchk", expected.spoofchk, found.spoofchk, on_off);
  compare(drifts, "trust", expected.trust, found.trust, on_off);
  compare(drifts, "link_state", expected.link_state, found.link_state, state);
}

}  // namespace

Result<PortFacts> VfProvider::port_of(const LaneRequest& request) {
  const VfLocation where = TRY(locate_vf(sysfs_, *request.vf));
  PortFacts facts{.port = where.port.to_string(), .driver = where.port_driver, .line_rate = {}};
  const std::string type_path =
      fmt::format("{}/net/{}/type", device_path(where.port), where.port_link);
  if (TRY(sysfs_.read(type_path)) == fmt::to_string(kInfinibandType)) {
    facts.driver = kInfinibandDriver;
  }
  if (capability_by_name(facts.driver).ceiling == CeilingEnforcement::none) return facts;
  facts.line_rate = TRY(line_rate(sysfs_, where.port)).value_or(BitRate());
  return facts;
}

std::string VfProvider::id_of(const LaneRequest& request) {
  return request.vf->to_string();
}

Result<VfLocation> VfProvider::locate(const LaneRecord& lane) const {
  return locate_vf(sysfs_, TRY(PciAddress::parse(lane.id)));
}

Result<int> VfProvider::port_index(const std::string& port, const std::string& port_link) const {
  std::optional<Link> link;
  if (!port_link.empty()) link = TRY(kernel_.links().find(port_link));
  if (!link || (link->parent_bus == "pci" && link->parent_device != port)) {
    return Error(Code::not_found, fmt::format("port {} has no link in the host's namespace", port));
  }
  return link->index;
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
    if (done.error().code() != Code::unsupported || is_required(part, required)) return done;
  }
  return {};
}

Result<> VfProvider::set_mac(const LaneRecord& lane, int port_index) const {
  // The VF first: once the port has given it a MAC, some drivers refuse every other (igbvf answers
  // EADDRNOTAVAIL), and those do not hand the port's MAC on to the link by themselves.
  const LinkChange change{.mac = lane.settings.mac};
  if (lane.link_index == 0 || kernel_.links().change(lane.link_index, change)) return {};
  const VfSettings forget{.mac = MacAddress()};
  TRY(set(port_index, lane.number, forget, forget));
  return kernel_.links().change(lane.link_index, change).context("set MAC of VF {}", lane.id);
}

Result<> VfProvider::configure(const PortRecord& port, const LaneRecord& lane) {
  const VfLocation where = TRY(locate(lane));
  VfSettings required = lane.settings;
  if (lane.in_force != Rate()) required.rate = lane.in_force;
  VfSettings settings = baseline();
  settings.rate = lane.in_force;
  if (lane.settings.vlan) settings.vlan = lane.settings.vlan;
  if (lane.settings.spoofchk) settings.spoofchk = lane.settings.spoofchk;
  if (lane.settings.trust) settings.trust = lane.settings.trust;
  settings.mac = lane.settings.mac;
  settings.link_state = lane.settings.link_state;
  const Result<int> index = port_index(port.port, where.port_link);
  if (!index) return required == VfSettings() ? Result<>() : index.error();
  if (lane.settings.mac) TRY(set_mac(lane, *index));
  TRY(set(*index, lane.number, settings, required).context("configure VF {}", lane.id));
  return capability_by_name(port.driver).acknowledgement_trusted ? Result<>()
                                                                 : verify_rate(*index, lane);
}

Result<> VfProvider::set_rate(const PortRecord& port, const LaneRecord& lane, const Rate& rate) {
  const VfLocation where = TRY(locate(lane));
  const int index = TRY(port_index(port.port, where.port_link));
  const VfSettings settings{.rate = rate};
  TRY(set(index, lane.number, settings, settings));
  if (capability_by_name(port.driver).acknowledgement_trusted) return {};
  LaneRecord changed = lane;
  changed.in_force = rate;
  return verify_rate(index, changed);
}

Result<> VfProvider::verify_rate(int port_index, const LaneRecord& lane) const {
  const VfList list = TRY(kernel_.links().vfs(port_index));
  const VfInfo* const vf = list.find(lane.number);
  if (vf != nullptr && vf->rate == lane.in_force) return {};
  return Error(Code::unsupported,
               fmt::format("the driver acknowledged {} for VF {} but reports {}",
                           describe_rate(lane.in_force), lane.id,
                           vf != nullptr && vf->rate ? describe_rate(*vf->rate) : "nothing"));
}

Result<> VfProvider::release(const PortRecord& port, const LaneRecord& lane) {
  const Result<VfLocation> where = locate(lane);
  if (!where && where.error().code() == Code::not_found) return {};  // The VF itself is gone.
  if (!where) return where.error();
  const std::optional<Link> home = TRY(bring_home(lane, *where));

  const Result<int> index = port_index(port.port, where->port_link);
  if (!index) return index.error().code() == Code::not_found ? Result<>() : index.error();
  VfSettings settings = baseline();
  settings.rate = released_rate(capability_by_name(port.driver), port.line_rate);
  if (lane.settings.link_state) settings.link_state = VfLinkState::automatic;
  if (lane.settings.mac) {
    // Some drivers do not take a MAC back; the VF's own serves as well, and neither may hold up
    // a release.
    const VfSettings forget{.mac = MacAddress()};
    const VfSettings own{.mac = lane.home.mac};
    if (!set(*index, lane.number, forget, forget)) {
      static_cast<void>(set(*index, lane.number, own, own));
    }
  }
  VfSettings required{.rate = settings.rate};
  if (lane.in_force == Rate()) required.rate.reset();
  TRY(set(*index, lane.number, settings, required).context("reset VF {}", lane.id));
  if (!home || home->mac == lane.home.mac) return {};
  return retrying([&] { return kernel_.links().change(home->index, {.mac = lane.home.mac}); });
}

Result<std::vector<Drift>> VfProvider::inspect(const PortRecord& port, const LaneRecord& lane,
                                               const Pod& pod) {
  std::vector<Drift> drifts;
  const VfLocation where = TRY(locate(lane));
  const std::optional<Link> link = TRY(pod.links.find(lane.owner.ifname));
  if (lane.link_index != 0 && (!link || link->index != lane.link_index)) {
    drifts.push_back({"link", fmt::format("'{}'", lane.owner.ifname), "none or another"});
  }
  if (link)
    compare(drifts, "mac", lane.settings.mac, link->mac,
            [](const MacAddress& mac) { return mac.to_string(); });
  if (capability_by_name(port.driver).ceiling == CeilingEnforcement::none) return drifts;
  const int index = TRY(port_index(port.port, where.port_link));
  const VfList list = TRY(kernel_.links().vfs(index));
  VfSettings expected = lane.settings;
  expected.rate = lane.in_force;
  if (const VfInfo* const vf = list.find(lane.number); vf != nullptr) {
    compare_vf(drifts, expected, *vf);
  } else {
    drifts.push_back({"VF", fmt::format("number {}", lane.number), "no report of it"});
  }
  return drifts;
}

std::string VfProvider::rdma_device_of(const LaneRecord& lane) {
  const Result<VfLocation> where = locate(lane);
  return where ? where->rdma_device : std::string();
}

}  // namespace sluice
