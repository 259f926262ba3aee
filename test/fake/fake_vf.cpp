#include <cerrno>

#include "test/fake/fake_links.h"

namespace sluice {
namespace {

int set_rate(const FakeLink& port, FakeVf& vf, Rate rate) {
  if (!rate.ceiling.is_zero() && rate.ceiling < rate.floor) return EINVAL;  // The kernel's check.
  const FakeDriver& driver = port.driver;
  if (!driver.floors && !rate.floor.is_zero()) return EINVAL;
  if (driver.needs_carrier && !port.link.carrier) return EINVAL;
  if (!driver.clears_rate) {
    if (rate.floor.is_zero()) rate.floor = vf.info.rate->floor;
    if (rate.ceiling.is_zero()) rate.ceiling = vf.info.rate->ceiling;
  }
  vf.info.rate = rate;
  if (!driver.programs_rate) return 0;
  vf.programmed = {.floor = rate.floor.rounded_down(driver.step),
                   .ceiling = rate.ceiling.rounded_down(driver.step)};
  return 0;
}

}  // namespace

int set_fake_vf(FakeLink& port, int vf, const VfSettings& settings) {
  if (port.vfs.empty() || !port.driver.vf_operations) return EOPNOTSUPP;
  const auto found = port.vfs.find(vf);
  if (found == port.vfs.end()) return EINVAL;
  FakeVf& set = found->second;
  // In the kernel's order (do_setvfinfo); what comes before a refusal stays.
  if (settings.mac && settings.mac->is_multicast()) return EINVAL;
  if (settings.mac) set.info.mac = settings.mac;
  if (settings.vlan) set.info.vlan = settings.vlan;
  if (settings.rate) {
    if (const int refused = set_rate(port, set, *settings.rate)) return refused;
  }
  if (settings.spoofchk) set.info.spoofchk = settings.spoofchk;
  if (settings.link_state) set.info.link_state = settings.link_state;
  if (settings.trust) set.info.trust = settings.trust;
  set.node_guid = settings.node_guid.value_or(set.node_guid);
  set.port_guid = settings.port_guid.value_or(set.port_guid);
  return 0;
}

}  // namespace sluice
