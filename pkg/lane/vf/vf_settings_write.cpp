// How a VF's settings are written through its port, and taken back.
#include "pkg/bandwidth/rate_plan.h"
#include "pkg/lane/vf/lane_settings.h"
#include "pkg/lane/vf/retrying.h"
#include "pkg/lane/vf/vf_driver.h"
#include "pkg/lane/vf/vf_provider.h"
#include "pkg/lane/vf/vf_write.h"
#include "pkg/netlink/vf_settings.h"

namespace sluice {
namespace {

// Whether the port's MAC for the VF goes back by being written along with the other settings.
bool is_taken_back_by_writing(const PortRecord& port, const MacAddress& own) {
  const VfDriver& driver = vf_driver_of(port.driver);
  return driver.mac_path == MacPath::link_first && !driver.takes_zero_mac && !own.is_zero();
}

// What a release writes to the lane's VF.
VfSettings released_settings(const PortRecord& port, const LaneRecord& lane) {
  const UnresetVf* const unreset = port.find_unreset(lane.id);
  VfSettings settings = unreset != nullptr ? unreset->settings : VfSettings();
  merge(settings, baseline_settings(port.driver, port.spoofchk));
  if (settings.rate) {
    settings.rate = released_rate(capability_of(port.driver), port.line_rate);
  }
  if (lane.settings.link_state) settings.link_state = VfLinkState::automatic;
  const bool has_port_mac = lane.settings.mac || vf_driver_of(port.driver).needs_port_mac;
  if (has_port_mac) settings.mac = lane.home.mac;
  return settings;
}

}  // namespace

Result<std::vector<Refusal>> VfProvider::write(int port_index, int vf,
                                               const VfSettings& settings) const {
  return write_vf(kernel_.links(), port_index, vf, settings);
}

Result<> VfProvider::set(int port_index, int vf, const VfSettings& settings) const {
  const std::vector<Refusal> refusals = TRY(write(port_index, vf, settings));
  return refusals.empty() ? Result<>() : refusals.front().error;
}

bool VfProvider::has_no_rate(int port_index, int vf) const {
  const Result<VfList> list = kernel_.links().vfs(port_index);
  const VfInfo* const found = list ? list->find(vf) : nullptr;
  return found != nullptr && found->rate == Rate();
}

Result<VfSettings> VfProvider::reset(const PortRecord& port, const VfLocation& where,
                                     const VfSettings& settings) const {
  const Result<Uplink> uplink = uplink_of(port, where);
  // Without a link of the port there is no VF either, or soon: its driver takes them along.
  if (!uplink && uplink.error().code() == Code::not_found) return VfSettings();
  if (!uplink) return settings;
  VfSettings left;
  VfSettings together = settings;
  if (settings.mac && !is_taken_back_by_writing(port, *settings.mac)) {
    together.mac.reset();
    const Result<> taken = take_port_mac_back(port, where, uplink->index, *settings.mac);
    if (!taken) left.mac = settings.mac;
  }
  if (uplink->rates_apart && settings.rate) {
    together.rate.reset();
    if (!retrying([&] { return uplink->shaper->clear(where.index); })) left.rate = settings.rate;
  }
  merge(left, TRY(write_baseline(uplink->index, where.index, together)));
  return left;
}

Result<VfSettings> VfProvider::write_baseline(int port_index, int vf,
                                              const VfSettings& settings) const {
  VfSettings left;
  const Result<std::vector<Refusal>> refusals = write(port_index, vf, settings);
  if (!refusals && refusals.error().code() == Code::not_found) return left;  // Just gone.
  if (!refusals) return refusals.error();
  for (const auto& [part, error] : *refusals) {
    const bool changes_nothing = part.rate == Rate() && has_no_rate(port_index, vf);
    if (!is_unsupported(part, error) && !changes_nothing) merge(left, part);
  }
  return left;
}

Result<VfSettings> VfProvider::release(const PortRecord& port, const LaneRecord& lane,
                                       Search search) {
  const Result<VfLocation> where = locate(lane);
  if (!where && where.error().code() == Code::not_found) return VfSettings();  // The VF is gone.
  if (!where) return where.error();
  const std::optional<Link> home = TRY(bring_home(port, lane, *where, search));
  const DriverCapability& capability = capability_of(port.driver);
  VfSettings left;
  if (capability.vf_settings) {
    const VfSettings settings = released_settings(port, lane);
    left = TRY(reset(port, *where, settings).context("reset VF {}", lane.id));
  }
  if (!home || !home->mac || lane.home.mac.is_zero()) return left;
  if (lane.settings.mac || *home->mac != lane.home.mac) {
    if (!settle_link_mac(port, *where, home->index, lane.home.mac)) left.mac = lane.home.mac;
  }
  return left;
}

Result<VfSettings> VfProvider::finish_reset(const PortRecord& port, const UnresetVf& vf) const {
  const Result<VfLocation> where = locate_vf(sysfs_, TRY(PciAddress::parse(vf.id)), vf.number);
  if (!where && where.error().code() == Code::not_found) return VfSettings();
  if (!where) return where.error();
  VfSettings settings = vf.settings;
  if (settings.rate) {
    settings.rate = released_rate(capability_of(port.driver), port.line_rate);
  }
  VfSettings left = TRY(reset(port, *where, settings));
  if (vf.settings.mac && !left.mac && !settle_link_mac(port, *where, 0, *vf.settings.mac)) {
    left.mac = vf.settings.mac;
  }
  return left;
}

}  // namespace sluice
