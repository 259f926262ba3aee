#pragma once

#include <cerrno>
#include <optional>
#include <string_view>

#include "pkg/base/bit_rate.h"
#include "pkg/netlink/devlink.h"

namespace sluice {

/// When a MAC that the port gave its VF becomes that of the VF's link.
enum class MacArrival {
  never,
  after_reset,  ///< The VF's driver takes it over once the reset that it caused is through.
  by_polling,   ///< The VF's driver looks for it each second.
  at_open,      ///< When the VF's link comes up.
  at_down,      ///< When the VF's link goes down, or the VF is reset.
  at_probe,     ///< When the VF's driver is bound again.
};

/// When a port knows the MAC that a VF chose itself.
enum class MacNotice { never, at_probe, at_open };

/// Which writes of a setting make the port reset the VF.
enum class ResetsVf { never, on_change, always };

/// What the spoof check passes: any MAC the VF sets itself, what the port has noted as the VF's
/// (given or noticed), or what the port gave.
enum class SpoofRule { own_macs, noted_mac, given_mac };

/// What a rate is checked against. Without carrier the speed is 0; `link_if_known` then checks
/// nothing.
enum class SpeedCheck { none, link, link_if_known, link_at_10g };

/// What becomes of rates when the wire comes back at another speed.
enum class SpeedChange { keeps, zeroes, clamps };

/// What becomes of a VF's rate in a reset of the VF.
enum class VfResetRate { keeps, if_it_fits, whole_steps };

/// What a reset of the port's function (firmware reset, devlink reload) does to its VFs.
enum class PortReset {
  keeps,
  zeroes_rates,        ///< Lost, and reported as 0.
  resets_vfs,          ///< As a reset of each VF.
  forgets_lone_floor,  ///< Floors without a ceiling, spoof check and link state: lost, but
                       ///< reported.
  removes_vfs,
};

/// How a port's driver treats VF settings, and its VFs' driver theirs. All members have the values
/// of a driver that takes, keeps and reports everything; driver_models.h has the real ones.
struct FakeDriver {
  bool vf_operations = true;   ///< false: EOPNOTSUPP for all, as virtio and ena.
  bool floors = true;          ///< false: EINVAL for a floor, as igb and i40e.
  bool clears_rate = true;     ///< false: a zero ceiling or floor changes nothing, as qede.
  bool programs_rate = true;   ///< false: reports what was asked and does nothing, as QEMU's igb.
  bool needs_carrier = false;  ///< EINVAL for a rate while the port has no carrier, as igb.
  BitRate step;                ///< Programs multiples of it and reports what was asked, as i40e.

  std::string_view port_driver;  ///< As sysfs names it.
  std::string_view vf_driver;
  bool infiniband = false;  ///< IPoIB: 20-byte addresses, links that hang on RDMA devices.
  bool rdma = false;        ///< The port and its VFs have RDMA devices.
  int most_vfs = 8;         ///< sriov_totalvfs.
  int most_mbps = 100'000;  ///< The fastest wire it knows.

  // Rates.
  BitRate least, most;  ///< Of a ceiling other than zero; zero: no bound of its own.
  SpeedCheck speed_check = SpeedCheck::none;
  bool floors_fit_link = false;  ///< EINVAL when all floors together exceed the present speed.
  bool equal_is_noop = false;    ///< What is stored is not written to the hardware once more.
  bool writes_differing_alone = false;  ///< Of floor and ceiling, the one that differs.
  bool reads_link_speed = false;  ///< A VF without a ceiling is reported with the link's speed.
  SpeedChange speed_change = SpeedChange::keeps;
  VfResetRate vf_reset_rate = VfResetRate::keeps;
  PortReset port_reset = PortReset::keeps;

  // MACs. An errno of 0 refuses nothing.
  MacArrival mac_arrival = MacArrival::never;
  MacNotice mac_notice = MacNotice::never;
  int pin_errno = 0;                ///< The VF's answer to another MAC than the one the port gave.
  bool pins_equal_mac = false;      ///< The same even to the MAC that the port gave.
  bool trust_unpins = false;        ///< A trusted VF may have any MAC.
  bool noted_mac_pins_not = false;  ///< Giving the VF a MAC that it has already does nothing.
  bool takes_zero_mac = true;       ///< false: EINVAL.
  bool given_mac_filters = false;   ///< The VF receives on the noted MAC alone; zero: on none.
  bool fresh_without_mac = false;   ///< A fresh VF has MAC zero and cannot be opened.
  int zero_mac_errno = 0;           ///< The VF link's answer to MAC zero; 0: EADDRNOTAVAIL.
  bool guid_from_mac = false;       ///< Node GUIDs are made of the given MAC when the VF is probed.
  bool mac_before_vfs = false;      ///< Takes MACs of VFs that do not exist yet.

  // Other settings.
  bool spoofchk_default = true;
  SpoofRule spoof_rule = SpoofRule::own_macs;
  bool settings = true;             ///< false: EOPNOTSUPP for all but link state and GUIDs.
  bool link_state = true;           ///< false: EOPNOTSUPP.
  bool fresh_without_tpid = false;  ///< Reports protocol 0 for a VF that never had a tag.
  bool ignores_enable = false;      ///< Link state "enable" answers 0 and does nothing.
  bool spoofchk_reads_off_while_down = false;

  // Resets of a VF by writes to its port.
  ResetsVf mac_resets = ResetsVf::never;
  ResetsVf vlan_resets = ResetsVf::never;
  bool first_vlan_resets = false;  ///< Whatever it is: a fresh VF's tag equals none.
  ResetsVf trust_resets = ResetsVf::never;
  ResetsVf link_state_resets = ResetsVf::never;  ///< Those to automatic and enable.
  int reset_length = 0;         ///< Requests until the VF's driver is through with a reset.
  int busy_errno = 0;           ///< The port's answer while it resets a VF unasked; 0: it waits.
  bool iavf = false;            ///< The VF's link in a reset: see VfModel.
  bool recreates_link = false;  ///< A reset of a VF's function makes a new link, in the host.

  // Eswitch.
  bool switch_id = false;              ///< phys_switch_id, in legacy mode too.
  std::optional<EswitchMode> eswitch;  ///< nullopt: devlink tells no mode.
  bool rate_leaves = false;            ///< In switchdev mode.
  bool leaves_are_vf_rates = false;    ///< One value: rates of leaves show in the VF list.
  int most_leaf_mbps = 0;              ///< EINVAL above it; 0: no bound.
  bool switchdev_vf_rates = true;      ///< false: EOPNOTSUPP for VF rates in switchdev mode.
  bool switchdev_settings = true;      ///< false: EOPNOTSUPP for all but MAC, rate and VLAN 0.

  // Numbers of VFs.
  int too_many_errno = EINVAL;  ///< Of sriov_numvfs above what there are resources for.
  bool silent_failure = false;  ///< sriov_numvfs makes no VFs while the port is down and says 0.
  bool count_drops_carrier = false;  ///< Writing sriov_numvfs takes the carrier away for a while.
};

}  // namespace sluice
