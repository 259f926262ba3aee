#include "pkg/lane/vf/lane_settings.h"

#include "pkg/lane/vf/vf_driver.h"

namespace sluice {

VfSettings baseline_settings(std::string_view driver, bool spoofchk) {
  if (!vf_driver_of(driver).settings) return {};
  return {.vlan = VlanTag{}, .rate = Rate{}, .spoofchk = spoofchk, .trust = false};
}

VfSettings settings_of(const PortRecord& port, const LaneRecord& lane) {
  VfSettings settings = baseline_settings(port.driver, port.spoofchk);
  if (settings.rate) settings.rate = lane.in_force;
  if (lane.settings.vlan) settings.vlan = lane.settings.vlan;
  if (lane.settings.spoofchk) settings.spoofchk = lane.settings.spoofchk;
  if (lane.settings.trust) settings.trust = lane.settings.trust;
  settings.link_state = lane.settings.link_state;
  const VfDriver& driver = vf_driver_of(port.driver);
  const bool port_wrote_it = driver.mac_path == MacPath::port_first && lane.link_index != 0;
  const bool is_told = lane.settings.mac ? !port_wrote_it : driver.needs_port_mac;
  if (is_told && !lane.mac().is_zero()) settings.mac = lane.mac();
  return settings;
}

bool is_unsupported(const VfSettings& part, const Error& error) {
  constexpr int kKernelNotSupported = 524;  // ENOTSUPP (linux/errno.h), no errno of user space.
  return error.code() == Code::unsupported || error.sys_errno() == kKernelNotSupported ||
         (part.spoofchk && error.code() == Code::permission_denied);
}

}  // namespace sluice
