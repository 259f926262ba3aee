#include "test/fake/vf_model.h"

#include <cerrno>

#include "test/support/vf_address.h"

namespace sluice {
namespace {

// What IPoIB reports beside the link state: zeroes, and a MAC of 20 bytes (ipoib_get_vf_config).
VfInfo without_settings(const VfInfo& info) {
  return {.index = info.index,
          .mac = {},
          .vlan = VlanTag(),
          .rate = Rate(),
          .spoofchk = false,
          .trust = false,
          .link_state = info.link_state};
}

}  // namespace

FakeVf fresh_fake_vf(const FakeLink& port, int index) {
  const FakeDriver& driver = port.driver;
  FakeVf vf;
  vf.info = {.index = index,
             .mac = MacAddress(),
             .vlan = VlanTag(),
             .rate = Rate(),
             .spoofchk = driver.spoofchk_default,
             .trust = false,
             .link_state = VfLinkState::automatic};
  if (driver.fresh_without_tpid) vf.info.vlan->protocol = 0;
  vf.checks_source = driver.spoofchk_default;
  if (port.link.parent_bus == "pci") {
    vf.function = vf_address(port.link.parent_device, index).to_string();
  }
  return vf;
}

std::uint64_t guid_of(const MacAddress& mac) {
  const MacAddress::Bytes& bytes = mac.bytes();
  std::uint64_t guid = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    guid = guid << 8 | bytes[i];
    if (i == 2) guid = guid << 16 | 0xfffe;
  }
  return guid;
}

bool VfModel::takes_settings() const {
  return port_.eswitch != EswitchMode::switchdev || driver_.switchdev_settings;
}

int VfModel::set(const VfSettings& settings) {
  if (!driver_.vf_operations) return EOPNOTSUPP;
  if (vf_.port_busy > 0) return driver_.busy_errno;
  const bool other = settings.mac || settings.vlan || settings.rate || settings.spoofchk;
  if (!driver_.settings && other) return EOPNOTSUPP;
  if (settings.mac) {
    if (const int refused = set_mac(*settings.mac)) return refused;
  }
  if (settings.vlan) {
    if (const int refused = set_vlan(*settings.vlan)) return refused;
  }
  if (settings.rate) {
    if (const int refused = set_rate(*settings.rate)) return refused;
  }
  if (const int refused = set_switches(settings)) return refused;
  return set_guids(settings);
}

int VfModel::set_switches(const VfSettings& settings) {
  if (settings.spoofchk) {
    if (!takes_settings()) return EOPNOTSUPP;
    vf_.info.spoofchk = settings.spoofchk;
    vf_.checks_source = *settings.spoofchk;
  }
  if (settings.link_state) {
    if (const int refused = set_link_state(*settings.link_state)) return refused;
  }
  if (!settings.trust) return 0;
  if (!takes_settings() || !driver_.settings) return EOPNOTSUPP;
  const bool differs = vf_.info.trust != settings.trust;
  vf_.info.trust = settings.trust;
  reset_if(driver_.trust_resets, differs);
  return 0;
}

int VfModel::set_guids(const VfSettings& settings) {
  if (!settings.node_guid && !settings.port_guid) return 0;
  // handle_vf_guid() of net/core/rtnetlink.c; a driver without a name takes everything.
  if (!driver_.infiniband && !driver_.port_driver.empty()) return EOPNOTSUPP;
  vf_.node_guid = settings.node_guid.value_or(vf_.node_guid);
  // do_setvfinfo() returns after the first GUID.
  if (!settings.node_guid || !driver_.infiniband) {
    vf_.port_guid = settings.port_guid.value_or(vf_.port_guid);
  }
  return 0;
}

int VfModel::set_mac(const MacAddress& mac) {
  if (mac.is_multicast()) return EINVAL;
  if (mac.is_zero() && !driver_.takes_zero_mac) return EINVAL;
  const bool differs = vf_.info.mac != mac;
  if (!differs && driver_.noted_mac_pins_not) return 0;
  vf_.info.mac = mac;
  vf_.given = mac;
  vf_.pinned = driver_.pin_errno != 0 && !mac.is_zero();
  if (driver_.guid_from_mac) vf_.stored_guid = guid_of(mac);
  if (driver_.mac_arrival == MacArrival::by_polling) vf_.polling = driver_.reset_length;
  reset_if(driver_.mac_resets, differs);
  return 0;
}

int VfModel::set_vlan(const VlanTag& tag) {
  if (!takes_settings()) return tag.id == 0 ? 0 : EOPNOTSUPP;
  const bool fresh = driver_.first_vlan_resets && vf_.never_tagged;
  const bool differs = fresh || vf_.info.vlan != tag;
  vf_.never_tagged = false;
  vf_.info.vlan = tag;
  reset_if(driver_.vlan_resets, differs);
  return 0;
}

int VfModel::set_link_state(VfLinkState state) {
  if (!driver_.link_state || !takes_settings()) return EOPNOTSUPP;
  if (state == VfLinkState::enable && driver_.ignores_enable) return 0;
  const bool differs = vf_.info.link_state != state;
  vf_.info.link_state = state;
  node_.spread_carrier(port_);
  if (state != VfLinkState::disable) reset_if(driver_.link_state_resets, differs);
  return 0;
}

std::optional<VfInfo> VfModel::report() {
  if (vf_.mute || !driver_.vf_operations || vf_.port_busy > 0) return std::nullopt;
  if (!driver_.settings) return without_settings(vf_.info);
  VfInfo info = vf_.info;
  if (driver_.reads_link_speed && info.rate->ceiling.is_zero()) {
    info.rate->ceiling = BitRate::mbps(static_cast<std::uint64_t>(port_.speed()));
  }
  if (driver_.spoofchk_reads_off_while_down) {
    const FakeLink* const link = node_.link_of(vf_.function);
    if (link == nullptr || !link->link.up) info.spoofchk = false;
  }
  return info;
}

bool VfModel::is_detached() const {
  return driver_.iavf && vf_.resetting > 0 && node_.version == KernelVersion::v6_1;
}

int VfModel::set_own_mac(FakeLink& link, const MacAddress& mac) {
  if (is_detached()) return ENODEV;
  // dev_set_mac_address() of net/core/dev.c, from Linux 6.12 on.
  if (link.link.mac == mac && node_.version != KernelVersion::v6_1) return 0;
  if (mac.is_zero() || mac.is_multicast()) {
    return driver_.zero_mac_errno != 0 ? driver_.zero_mac_errno : EADDRNOTAVAIL;
  }
  if (driver_.iavf && vf_.resetting > 0) {
    return node_.version == KernelVersion::v6_12 ? EACCES : EAGAIN;
  }
  const bool free = !vf_.pinned || (driver_.trust_unpins && vf_.info.trust == true);
  const bool same = mac == vf_.given && !driver_.pins_equal_mac;
  if (!free && !same) return driver_.pin_errno;
  link.link.mac = mac;
  if (driver_.mac_notice != MacNotice::never) vf_.info.mac = mac;
  return 0;
}

int VfModel::open(FakeLink& link) {
  if (is_detached()) return ENODEV;
  if (vf_.resetting > 0) end_reset();  // It waits for that.
  if (driver_.fresh_without_mac && link.link.mac == MacAddress()) return EADDRNOTAVAIL;
  if (driver_.mac_arrival == MacArrival::at_open) adopt(link);
  link.link.up = true;
  if (driver_.mac_notice == MacNotice::at_open) notice(link);
  node_.spread_carrier(port_);
  return 0;
}

void VfModel::close(FakeLink& link) {
  if (link.link.up && driver_.mac_arrival == MacArrival::at_down) adopt(link);
  link.link.up = link.link.carrier = false;
}

void VfModel::reset_if(ResetsVf when, bool differs) {
  if (when == ResetsVf::always || (when == ResetsVf::on_change && differs)) begin_reset();
}

void VfModel::begin_reset() {
  rate_after_reset();
  vf_.resetting = driver_.reset_length;
  node_.spread_carrier(port_);
  if (vf_.resetting == 0) end_reset();
}

void VfModel::end_reset() {
  vf_.resetting = 0;
  FakeLink* const link = node_.link_of(vf_.function);
  if (link == nullptr) return;
  const MacArrival arrival = driver_.mac_arrival;
  if (arrival == MacArrival::after_reset || arrival == MacArrival::at_down) adopt(*link);
  if (link->link.up && driver_.mac_notice == MacNotice::at_open) notice(*link);
  node_.spread_carrier(port_);
}

void VfModel::reset_unasked() {
  if (driver_.busy_errno != 0) vf_.port_busy = driver_.reset_length;
  begin_reset();
}

void VfModel::tick() {
  if (vf_.port_busy > 0) --vf_.port_busy;
  if (vf_.resetting > 0 && --vf_.resetting == 0) end_reset();
  if (vf_.polling == 0 || --vf_.polling > 0) return;
  FakeLink* const link = node_.link_of(vf_.function);
  if (link != nullptr) adopt(*link);
}

void VfModel::probe(FakeLink& link) {
  vf_.probed_guid = vf_.stored_guid;
  if (driver_.mac_arrival == MacArrival::at_probe) adopt(link);
  if (driver_.mac_notice == MacNotice::at_probe) notice(link);
}

void VfModel::adopt(FakeLink& link) {
  if (!vf_.given.is_zero()) link.link.mac = vf_.given;
}

void VfModel::notice(const FakeLink& link) {
  const MacAddress own = link.link.mac.value_or(MacAddress());
  if (!vf_.pinned || own == vf_.given) vf_.info.mac = own;
}

}  // namespace sluice
