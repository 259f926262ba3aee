// Each row as its driver's source has it: Linux 6.12, files below drivers/net/ethernet/ where no
// other directory is named. What a row leaves out is FakeDriver's: taken, kept and reported.
#include "test/fake/driver_models.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace sluice {
namespace {

// How many requests a reset lasts: long enough that the next two meet it.
constexpr int kReset = 3;

// mellanox/mlx5/core. esw/qos.c mlx5_esw_qos_set_vport_rate: min is a weight, no value is checked.
// esw/acl/ingress_lgcy.c: the spoof check allows the MAC the port gave, and none while that is
// zero. eswitch.c mlx5_esw_set_vport_mac_locked: node GUID from the MAC; mlx5_esw_vports_init: VFs
// up to totalvfs are there before they exist; esw_vport_cleanup: rates go with a reload, the rest
// stays. en_main.c mlx5e_set_mac: the VF may have any MAC; mlx5e_set_netdev_dev_addr: the port's is
// read at probe. dev.c del_adev in mlx5_unload_one: link and RDMA device of a function are
// destroyed by its reset and come back in the host. en/devlink.c: switch id in every mode.
constexpr FakeDriver kMlx5{.port_driver = "mlx5_core",
                           .vf_driver = "mlx5_core",
                           .rdma = true,
                           .port_reset = PortReset::zeroes_rates,
                           .mac_arrival = MacArrival::at_probe,
                           .guid_from_mac = true,
                           .mac_before_vfs = true,
                           .spoofchk_default = false,
                           .spoof_rule = SpoofRule::given_mac,
                           .recreates_link = true,
                           .switch_id = true,
                           .eswitch = EswitchMode::legacy,
                           .rate_leaves = true,
                           .leaves_are_vf_rates = true,
                           .most_leaf_mbps = 100'000,
                           .switchdev_settings = false};

// infiniband/ulp/ipoib/ipoib_main.c (drivers/): link state and GUIDs are all a VF can be set;
// ipoib_get_vf_config leaves the rest zero. eswitch.c mlx5_eswitch_check: no eswitch.
// ipoib_add_one, ipoib_remove_one: the link is made and destroyed with the RDMA device's arrivals
// and departures.
constexpr FakeDriver kIpoib{.port_driver = "mlx5_core",
                            .vf_driver = "mlx5_core",
                            .infiniband = true,
                            .rdma = true,
                            .spoofchk_default = false,
                            .settings = false};

// intel/ice. ice_sriov.c ice_set_vf_bw, ice_min_tx_rate_oversubscribed; ice_lib.c
// ice_set_max_bw_limit: above the present speed is refused; ice_sched.h ICE_SCHED_MAX_BW: 100 G.
// ice_sriov.c __ice_set_vf_mac: returns early where the VF has the MAC, else pins and resets;
// ice_set_vf_port_vlan: a fresh VF's tpid is 0, so that any first tag differs; ice_set_vf_trust.
// ice_vf_lib.c ice_vf_rebuild_host_tx_rate_cfg: the rate again if the speed allows it at that
// moment; ice_check_vf_ready_for_cfg: EBUSY. ice_virtchnl.c ice_vfhw_mac_add: the VF's MAC is
// noted. iavf/iavf_main.c iavf_set_mac: EACCES. devlink/devlink_port.c: switch id in every mode;
// ice_repr.c: leaves in switchdev mode.
constexpr FakeDriver kIce{.port_driver = "ice",
                          .vf_driver = "iavf",
                          .most = BitRate::gbps(100),
                          .speed_check = SpeedCheck::link,
                          .floors_fit_link = true,
                          .equal_is_noop = true,
                          .writes_differing_alone = true,
                          .vf_reset_rate = VfResetRate::if_it_fits,
                          .port_reset = PortReset::resets_vfs,
                          .mac_arrival = MacArrival::after_reset,
                          .mac_notice = MacNotice::at_open,
                          .pin_errno = EACCES,
                          .trust_unpins = true,
                          .noted_mac_pins_not = true,
                          .mac_resets = ResetsVf::on_change,
                          .vlan_resets = ResetsVf::on_change,
                          .first_vlan_resets = true,
                          .trust_resets = ResetsVf::on_change,
                          .reset_length = kReset,
                          .busy_errno = EBUSY,
                          .iavf = true,
                          .switch_id = true,
                          .eswitch = EswitchMode::legacy,
                          .rate_leaves = true,
                          .too_many_errno = EOPNOTSUPP};

// intel/i40e. i40e_virtchnl_pf.c i40e_ndo_set_vf_bw and i40e_main.c i40e_set_bw_limit: no min;
// checked against speeds it knows alone; credits of 50 Mbit/s, at least one; i40e_ndo_set_vf_mac:
// resets and pins always; i40e_ndo_set_vf_link_state resets for all but "disable";
// i40e_reset_vf: the rate again, as whole credits. i40e_devlink.c: switch id, and no eswitch.
// i40e_pci_sriov_configure: EPERM for more than resources; the port resets.
constexpr FakeDriver kI40e{.floors = false,
                           .step = BitRate::mbps(50),
                           .port_driver = "i40e",
                           .vf_driver = "iavf",
                           .most_mbps = 40'000,
                           .speed_check = SpeedCheck::link_if_known,
                           .vf_reset_rate = VfResetRate::whole_steps,
                           .port_reset = PortReset::resets_vfs,
                           .mac_arrival = MacArrival::after_reset,
                           .mac_notice = MacNotice::at_open,
                           .pin_errno = EACCES,
                           .trust_unpins = true,
                           .mac_resets = ResetsVf::always,
                           .vlan_resets = ResetsVf::on_change,
                           .trust_resets = ResetsVf::on_change,
                           .link_state_resets = ResetsVf::always,
                           .reset_length = kReset,
                           .busy_errno = EAGAIN,
                           .iavf = true,
                           .switch_id = true,
                           .too_many_errno = EPERM,
                           .count_drops_carrier = true};

// intel/ixgbe/ixgbe_sriov.c ixgbe_ndo_set_vf_bw: 11 to 10000 Mbit/s with the link up at 10 Gbit/s,
// zero included; ixgbe_check_vf_rate_limit: zeroed by another speed; ixgbe_ndo_set_vf_mac: pins,
// and zero removes the VF's filter; ixgbe_ndo_set_vf_link_state: "enable" does nothing.
// ixgbevf/ixgbevf_main.c ixgbevf_set_mac: EPERM; ixgbevf_down resets, which reads the port's MAC.
// A restart that trust or link state cause is over before the next request.
constexpr FakeDriver kIxgbe{.floors = false,
                            .needs_carrier = true,
                            .port_driver = "ixgbe",
                            .vf_driver = "ixgbevf",
                            .most_mbps = 10'000,
                            .least = BitRate::mbps(11),
                            .most = BitRate::gbps(10),
                            .speed_check = SpeedCheck::link_at_10g,
                            .speed_change = SpeedChange::zeroes,
                            .mac_arrival = MacArrival::at_down,
                            .mac_notice = MacNotice::at_open,
                            .pin_errno = EPERM,
                            .given_mac_filters = true,
                            .spoof_rule = SpoofRule::noted_mac,
                            .ignores_enable = true,
                            .trust_resets = ResetsVf::on_change,
                            .link_state_resets = ResetsVf::always,
                            .too_many_errno = EPERM,
                            .count_drops_carrier = true};

// intel/igb/igb_main.c igb_ndo_set_vf_bw (82576): no min, the link up, up to its speed, zero
// included; igb_check_vf_rate_limit; igb_ndo_set_vf_mac: pins, and zero clears the VF's receive
// address; igb_set_vf_mac_addr: EADDRNOTAVAIL even for the port's own MAC. No link state operation.
// igbvf/netdev.c igbvf_reset: reads the port's MAC.
constexpr FakeDriver kIgb{.floors = false,
                          .needs_carrier = true,
                          .port_driver = "igb",
                          .vf_driver = "igbvf",
                          .most_vfs = 7,
                          .most_mbps = 1'000,
                          .speed_check = SpeedCheck::link,
                          .speed_change = SpeedChange::zeroes,
                          .mac_arrival = MacArrival::at_down,
                          .mac_notice = MacNotice::at_probe,
                          .pin_errno = EADDRNOTAVAIL,
                          .pins_equal_mac = true,
                          .given_mac_filters = true,
                          .spoof_rule = SpoofRule::noted_mac,
                          .link_state = false,
                          .too_many_errno = EPERM,
                          .count_drops_carrier = true};

// broadcom/bnxt. bnxt_sriov.c bnxt_set_vf_bw: up to the link's speed, and anything while that is
// SPEED_UNKNOWN; equal values return early; __bnxt_set_vf_params: after a firmware reset rates only
// where there is a max; bnxt_sriov_configure: returns what was asked whatever was made.
// bnxt.c bnxt_update_vf_mac at open; bnxt_vf_configure_mac: EADDRNOTAVAIL unless trusted or equal.
// bnxt_devlink.c: switch id, no rate objects in any mode.
constexpr FakeDriver kBnxt{.port_driver = "bnxt_en",
                           .vf_driver = "bnxt_en",
                           .rdma = true,
                           .speed_check = SpeedCheck::link_if_known,
                           .equal_is_noop = true,
                           .port_reset = PortReset::forgets_lone_floor,
                           .mac_arrival = MacArrival::at_open,
                           .mac_notice = MacNotice::at_probe,
                           .pin_errno = EADDRNOTAVAIL,
                           .trust_unpins = true,
                           .spoofchk_default = false,
                           .switch_id = true,
                           .eswitch = EswitchMode::legacy,
                           .silent_failure = true};

// qlogic/qed/qed_sriov.c qed_set_vf_rate: zero is skipped; qed_get_vf_config: the link's speed
// where nothing is stored, and the spoof check as of the running VF; qed_inform_vf_link_state:
// clamped to the speed of the moment for good. qede/qede_main.c qede_set_vf_mac: zero is EINVAL.
// qed_vf.c qed_vf_check_mac: EINVAL, even for the port's MAC; qed_l2.c: a fresh VF's MAC is zero.
// The VF reads its bulletin board once a second. Recovery removes the VFs.
constexpr FakeDriver kQede{.clears_rate = false,
                           .port_driver = "qede",
                           .vf_driver = "qede",
                           .reads_link_speed = true,
                           .speed_change = SpeedChange::clamps,
                           .port_reset = PortReset::removes_vfs,
                           .mac_arrival = MacArrival::by_polling,
                           .pin_errno = EINVAL,
                           .pins_equal_mac = true,
                           .trust_unpins = true,
                           .takes_zero_mac = false,
                           .fresh_without_mac = true,
                           .zero_mac_errno = EFAULT,
                           .spoofchk_default = false,
                           .spoofchk_reads_off_while_down = true,
                           .reset_length = kReset};

// net/netdevsim (drivers/). netdev.c nsim_set_vf_rate: 16 bits each, EOPNOTSUPP in switchdev mode;
// nsim_get_vf_config: the protocol as last written, 0 at first;
// dev.c nsim_leaf_tx_max_set: the same place, up to 5 Gbit/s; __nsim_dev_port_add: switch id in
// every mode.
constexpr FakeDriver kNetdevsim{.port_driver = "netdevsim",
                                .vf_driver = "netdevsim",
                                .spoofchk_default = false,
                                .fresh_without_tpid = true,
                                .switch_id = true,
                                .eswitch = EswitchMode::legacy,
                                .rate_leaves = true,
                                .leaves_are_vf_rates = true,
                                .most_leaf_mbps = 5'000,
                                .switchdev_vf_rates = false};

constexpr FakeDriver in_switchdev(FakeDriver driver) {
  driver.eswitch = EswitchMode::switchdev;
  return driver;
}

constexpr std::array kModels = {
    DriverModel{.name = "mlx5", .mbps = 100'000, .device = "0x101d", .driver = kMlx5},
    DriverModel{.name = "mlx5_switchdev",
                .mbps = 100'000,
                .device = "0x101d",
                .driver = in_switchdev(kMlx5)},
    DriverModel{.name = "ipoib", .mbps = 100'000, .device = "0x101d", .driver = kIpoib},
    DriverModel{.name = "ice", .mbps = 100'000, .device = "0x1592", .driver = kIce},
    DriverModel{.name = "i40e", .mbps = 10'000, .device = "0x1572", .driver = kI40e},
    DriverModel{.name = "ixgbe", .mbps = 10'000, .device = "0x10fb", .driver = kIxgbe},
    DriverModel{.name = "igb", .mbps = 1'000, .device = "0x10c9", .driver = kIgb},
    DriverModel{.name = "bnxt_en", .mbps = 25'000, .device = "0x16d7", .driver = kBnxt},
    DriverModel{.name = "qede", .mbps = 25'000, .device = "0x1656", .driver = kQede},
    DriverModel{.name = "netdevsim", .mbps = 10'000, .device = "0x0000", .driver = kNetdevsim},
    DriverModel{.name = "netdevsim_switchdev",
                .mbps = 5'000,  // More than its leaves take would be no port to promise from.
                .device = "0x0000",
                .driver = in_switchdev(kNetdevsim)},
};

}  // namespace

std::span<const DriverModel> driver_models() {
  return kModels;
}

const DriverModel& driver_model(std::string_view name) {
  const auto* const found = std::find_if(kModels.begin(), kModels.end(),
                                         [&](const DriverModel& m) { return m.name == name; });
  if (found != kModels.end()) return *found;
  std::fprintf(stderr, "there is no driver model '%.*s'\n", static_cast<int>(name.size()),
               name.data());
  std::abort();
}

}  // namespace sluice
