#include "agent/config/networks.h"

#include <algorithm>
#include <map>

#include "pkg/base/strings.h"
#include "pkg/inventory/locate_vf.h"
#include "pkg/inventory/scan.h"

namespace sluice {
namespace {

/// The ports of some VFs, each read once.
class Ports {
 public:
  explicit Ports(const Dir& sysfs) : sysfs_(sysfs) {}

  Result<const Port*> find(PciAddress address) {
    const auto known = ports_.find(address);
    if (known != ports_.end()) return &known->second;
    std::optional<Port> port = TRY(scan_port(sysfs_, address));
    if (!port) {
      return Error(Code::busy, fmt::format("port {} is not there now", address.to_string()));
    }
    return &ports_.emplace(address, *std::move(port)).first->second;
  }

 private:
  const Dir& sysfs_;
  std::map<PciAddress, Port> ports_;
};

std::string network_of_class(const Config& config, const std::string& class_name) {
  const auto found = std::ranges::find(config.classes, class_name, &ClassRule::name);
  return found == config.classes.end() ? std::string() : found->network;
}

LaneNetwork network_of(const NetworkRule& rule) {
  return {.name = rule.name, .cni = rule.cni, .mtu = rule.mtu};
}

/// A network by its name, and what names it.
struct Wanted {
  std::string network;  ///< Empty: that of the port.
  std::string by;       ///< "class 'gold'"
};

Result<> complete_lane(const Config& config, Ports& ports, const Wanted& wanted,
                       const VfLocation& at, PodLane& lane) {
  const Port* const port = TRY(ports.find(at.port));
  const NetworkRule* const rule = network_for(config.networks, wanted.network, *port, at.index);
  if (rule == nullptr) {
    if (wanted.network.empty()) return {};
    return Error(Code::invalid_argument,
                 fmt::format("{} wants network {}, which is not for VF {} of port {} ({}) here",
                             wanted.by, in_quotes(wanted.network), lane.vf.to_string(),
                             at.port.to_string(), port->link));
  }
  lane.network = network_of(*rule);
  if (!lane.settings.vlan) lane.settings.vlan = rule->vlan;
  return {};
}

}  // namespace

Result<> Networks::complete(PodLane& lane, const std::string& wanted, const std::string& by) const {
  const ConfigPtr config = config_.current();
  if (config->networks.empty() && wanted.empty()) return {};
  Ports ports(sysfs_);
  const VfLocation at = TRY(locate_vf(sysfs_, lane.vf));
  return complete_lane(*config, ports, {.network = wanted, .by = by}, at, lane);
}

Result<> Networks::complete(std::vector<PodLane>& lanes) const {
  const ConfigPtr config = config_.current();
  if (config->networks.empty()) return {};
  Ports ports(sysfs_);
  for (PodLane& lane : lanes) {
    if (lane.network) continue;
    const VfLocation at = TRY(locate_vf(sysfs_, lane.vf));
    const Wanted wanted{.network = network_of_class(*config, lane.class_name),
                        .by = "class " + in_quotes(lane.class_name)};
    TRY(complete_lane(*config, ports, wanted, at, lane));
  }
  return {};
}

}  // namespace sluice
