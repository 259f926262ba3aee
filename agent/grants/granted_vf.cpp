#include "agent/grants/granted_vf.h"

namespace sluice {

GrantedVf granted_vf(const Vf& vf, PciAddress port, const Rate& rate, const LaneConfig& settings) {
  const bool has_devices = settings.rdma.value_or(true);
  return {.vf = vf.address.to_string(),
          .port = port.to_string(),
          .request = {},
          .device = {},
          .ifname = settings.interface.value_or(""),
          .rate = rate,
          .settings = settings_of(settings),
          .mtu = settings.mtu.value_or(0),
          .char_devices = has_devices ? vf.char_devices : std::vector<std::string>()};
}

std::vector<std::string> vfs_of(const std::vector<Grant>& grants) {
  std::vector<std::string> vfs;
  for (const Grant& grant : grants) {
    for (const GrantedVf& vf : grant.vfs) vfs.push_back(vf.vf);
  }
  return vfs;
}

Result<> complete(const Networks& networks, const NamedNetwork& network, GrantedVf& granted) {
  PodLane made{.vf = TRY(PciAddress::parse(granted.vf)), .class_name = {}, .ifname = {}};
  made.settings = granted.settings;
  TRY(networks.complete(made, network.name, network.by));
  granted.settings = made.settings;
  if (!made.network) return {};
  granted.network = made.network->name;
  granted.cni = made.network->cni;
  if (granted.mtu == 0) granted.mtu = made.network->mtu.value_or(0);
  return {};
}

}  // namespace sluice
