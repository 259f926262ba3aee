#include "pkg/bandwidth/capability.h"

#include <algorithm>
#include <array>

namespace sluice {
namespace {

using Ceiling = CeilingEnforcement;
using Floor = FloorEnforcement;

constexpr BitRate kMbit = BitRate::mbps(1);  // IFLA_VF_RATE counts in Mbit/s (linux/if_link.h).

constexpr DriverCapability kUnknown = {.driver = ""};

// Rates go to the kernel in byte/s (TCA_HTB_RATE64), so a step of one kbit/s is exact.
constexpr DriverCapability kHtb = {.driver = "htb",
                                   .floor = Floor::hardware,
                                   .ceiling = Ceiling::hardware,
                                   .step = BitRate::bits_per_second(1000),
                                   .least = BitRate::bits_per_second(1000)};

// By driver. File names are below drivers/net/ethernet/ of Linux 6.1 to 7.2.
constexpr std::array kTable = {
    // emulex/benet/be_main.c be_set_vf_tx_rate: min refused; 100 Mbit/s to link speed, without
    // carrier ENETDOWN for all but zero; Skyhawk takes whole percents of the link speed only, and
    // 400 Mbit/s is that at 10, 20 and 40 Gbit/s.
    DriverCapability{.driver = "be2net",
                     .floor = Floor::emulated,
                     .ceiling = Ceiling::hardware,
                     .step = BitRate::mbps(400),
                     .least = BitRate::mbps(400)},
    // broadcom/bnxt/bnxt_sriov.c bnxt_set_vf_bw: each up to the port's link speed, and anything
    // without carrier (SPEED_UNKNOWN compared as unsigned); the sum is ours to mind. An equal rate
    // is not written, and after a firmware reset __bnxt_set_vf_params writes none without a max.
    DriverCapability{.driver = "bnxt_en",
                     .floor = Floor::hardware,
                     .ceiling = Ceiling::hardware,
                     .step = kMbit,
                     .least = kMbit,
                     .reports_lost_rates = true},
    // chelsio/cxgb4/cxgb4_main.c cxgb4_mgmt_set_vf_rate: min refused; up to link speed, without
    // carrier EINVAL for all but zero.
    DriverCapability{.driver = "cxgb4",
                     .floor = Floor::emulated,
                     .ceiling = Ceiling::hardware,
                     .step = kMbit,
                     .least = kMbit},
    // amazon/ena: no rate operation.
    DriverCapability{.driver = "efa"},
    DriverCapability{.driver = "ena", .vf_settings = false},
    // intel/fm10k/fm10k_iov.c fm10k_ndo_set_vf_bw: 1 to 100000 Mbit/s. It ignores min silently,
    // which misleads no one: emulated floors are never written.
    DriverCapability{.driver = "fm10k",
                     .floor = Floor::emulated,
                     .ceiling = Ceiling::hardware,
                     .step = kMbit,
                     .least = kMbit,
                     .most = BitRate::gbps(100)},
    // fungible/funeth/funeth_main.c: min refused.
    DriverCapability{.driver = "funeth",
                     .floor = Floor::emulated,
                     .ceiling = Ceiling::hardware,
                     .step = kMbit,
                     .least = kMbit},
    // google/gve: no rate operation.
    DriverCapability{.driver = "gve"},
    // huawei/hinic/hinic_sriov.c hinic_ndo_set_vf_bw: up to link speed, EPERM without carrier even
    // for zero.
    DriverCapability{.driver = "hinic",
                     .floor = Floor::hardware,
                     .ceiling = Ceiling::hardware,
                     .step = kMbit,
                     .least = kMbit},
    // hisilicon/hns3/hns3pf/hclge_main.c hclge_set_vf_rate: min refused; up to the MAC's maximum.
    DriverCapability{.driver = "hns3",
                     .floor = Floor::emulated,
                     .ceiling = Ceiling::hardware,
                     .step = kMbit,
                     .least = kMbit},
    // intel/i40e/i40e_virtchnl_pf.c i40e_ndo_set_vf_bw, i40e_main.c i40e_set_bw_limit: min refused;
    // programmed in credits of 50 Mbit/s, rounded down, at least one; up to link speed, and
    // anything
    // where that is unknown (no carrier, 2.5 and 5 Gbit/s: -EINVAL compared as unsigned). The
    // read-back returns what was asked, not what is programmed, so it would prove nothing:
    // multiples of the credit are asked for instead, and those the admin queue acknowledges.
    DriverCapability{.driver = "i40e",
                     .floor = Floor::emulated,
                     .ceiling = Ceiling::hardware,
                     .step = BitRate::mbps(50),
                     .least = BitRate::mbps(50)},
    // intel/ice/ice_sriov.c ice_set_vf_bw: min is a guarantee, refused with DCB active. EINVAL for
    // any rate, even zero, while the other VFs' min are more than the link speed (0 without
    // carrier), and for a changed one above it. ice_sched.c ice_sched_bw_to_rl_profile: 500 kbit/s
    // to 100 Gbit/s (ICE_SCHED_MIN_BW, ICE_SCHED_MAX_BW), on 200 Gbit/s ports too. An equal rate is
    // not written, and after a reset of the VF ice_vf_lib.c ice_vf_rebuild_host_tx_rate_cfg fails,
    // with a line in dmesg alone, for a rate above the speed of that moment. Leaves:
    // ice_repr.c ice_repr_set_tx_topology makes them without DCB and ADQ; ice_get_vf_cfg does not
    // report them.
    DriverCapability{.driver = "ice",
                     .floor = Floor::hardware,
                     .ceiling = Ceiling::hardware,
                     .step = kMbit,
                     .least = kMbit,
                     .most = BitRate::gbps(100),
                     .reports_lost_rates = true,
                     .leaves = LeafRates::apart},
    // intel/igb/igb_main.c igb_ndo_set_vf_bw: min refused; up to link speed, EINVAL without carrier
    // even for zero. Only the 82576 has it.
    DriverCapability{.driver = "igb",
                     .floor = Floor::emulated,
                     .ceiling = Ceiling::hardware,
                     .step = kMbit,
                     .least = kMbit},
    // The same function answers EOPNOTSUPP on every other chip; the I350 has VFs.
    DriverCapability{.driver = "igb-without-rates"},
    // pensando/ionic/ionic_lif.c ionic_set_vf_rate: min refused.
    DriverCapability{.driver = "ionic",
                     .floor = Floor::emulated,
                     .ceiling = Ceiling::hardware,
                     .step = kMbit,
                     .least = kMbit},
    // drivers/infiniband/ulp/ipoib/ipoib_main.c: no rate operation, whatever the port's driver.
    DriverCapability{.driver = kIpoib},
    // intel/ixgbe/ixgbe_sriov.c ixgbe_ndo_set_vf_bw: min refused; 11 to 10000 Mbit/s; EINVAL even
    // for zero unless the link is up at exactly 10 Gbit/s.
    DriverCapability{.driver = "ixgbe",
                     .floor = Floor::emulated,
                     .ceiling = Ceiling::hardware,
                     .step = kMbit,
                     .least = BitRate::mbps(11),
                     .most = BitRate::gbps(10),
                     .only_at = BitRate::gbps(10)},
    // microsoft/mana: no rate operation on the port.
    DriverCapability{.driver = "mana"},
    // mellanox/mlx4/cmd.c mlx4_set_vf_rate: min refused; max takes effect only on a VF with a VLAN
    // and a priority and is otherwise stored in silence. A limit that may not hold is no limit.
    DriverCapability{.driver = "mlx4_core"},
    // mellanox/mlx5/core/esw/qos.c mlx5_esw_qos_set_vport_rate: min is a relative weight
    // (bw_share), max a limit; neither is checked against the link speed, nor is there one needed.
    // Leaf and legacy call set the same element, which eswitch.c mlx5_eswitch_get_vport_config
    // reports.
    DriverCapability{.driver = "mlx5_core",
                     .floor = Floor::weight,
                     .ceiling = Ceiling::hardware,
                     .step = kMbit,
                     .least = kMbit,
                     .leaves = LeafRates::listed},
    // drivers/net/netdevsim/netdev.c nsim_set_vf_rate: stores both in 16 bits. It sends nothing, so
    // it breaks no promise; listed for tests. dev.c nsim_leaf_tx_max_set stores in the same place.
    DriverCapability{.driver = "netdevsim",
                     .floor = Floor::hardware,
                     .ceiling = Ceiling::hardware,
                     .step = kMbit,
                     .least = kMbit,
                     .most = BitRate::mbps(65535),
                     .leaves = LeafRates::listed},
    // netronome/nfp/nfp_net_sriov.c nfp_app_set_vf_rate: both where the firmware has them (else
    // EOPNOTSUPP), each below 65535.
    DriverCapability{.driver = "nfp",
                     .floor = Floor::hardware,
                     .ceiling = Ceiling::hardware,
                     .step = kMbit,
                     .least = kMbit,
                     .most = BitRate::mbps(65534)},
    // qlogic/qed/qed_sriov.c qed_set_vf_rate: zero means "leave as is" for either value, so a floor
    // could never be taken back. Floors are therefore kept by ceilings, which are always written
    // as numbers and read back.
    DriverCapability{.driver = "qede",
                     .floor = Floor::emulated,
                     .ceiling = Ceiling::hardware,
                     .step = kMbit,
                     .least = kMbit,
                     .acknowledgement_trusted = false,
                     .zero_clears = false},
    // qlogic/qlcnic/qlcnic_sriov_pf.c qlcnic_sriov_set_vf_tx_rate: 100 to 9999 Mbit/s, programmed
    // in hundreds; min 0 becomes 100.
    DriverCapability{.driver = "qlcnic",
                     .floor = Floor::hardware,
                     .ceiling = Ceiling::hardware,
                     .step = BitRate::mbps(100),
                     .least = BitRate::mbps(100),
                     .most = BitRate::mbps(9900)},
    // drivers/net/virtio_net.c: no rate operation.
    DriverCapability{.driver = "virtio-pci", .vf_settings = false},
};

// The 82576 by its PCI device IDs (intel/igb/e1000_hw.h E1000_DEV_ID_82576*).
constexpr std::array<std::uint16_t, 8> k82576 = {0x10c9, 0x10e6, 0x10e7, 0x10e8,
                                                 0x150a, 0x150d, 0x1518, 0x1526};

constexpr bool by_driver(const DriverCapability& a, const DriverCapability& b) {
  return a.driver < b.driver;
}

static_assert(std::is_sorted(kTable.begin(), kTable.end(), by_driver));

}  // namespace

std::string_view to_string(FloorEnforcement floor) {
  switch (floor) {
    case Floor::hardware: return "hardware";
    case Floor::weight: return "weight";
    case Floor::emulated: return "emulated";
    case Floor::none: return "none";
  }
  return "none";
}

std::string_view to_string(CeilingEnforcement ceiling) {
  return ceiling == Ceiling::hardware ? "hardware" : "none";
}

std::string_view capability_name(std::string_view driver, std::uint16_t device) {
  const bool limits = std::find(k82576.begin(), k82576.end(), device) != k82576.end();
  return driver == "igb" && !limits ? "igb-without-rates" : driver;
}

const DriverCapability& capability_of(std::string_view name) {
  if (name == kHtb.driver) return kHtb;
  const auto* const row =
      std::lower_bound(kTable.begin(), kTable.end(), DriverCapability{.driver = name}, by_driver);
  return row != kTable.end() && row->driver == name ? *row : kUnknown;
}

const DriverCapability& htb_capability() {
  return kHtb;
}

std::span<const DriverCapability> known_drivers() {
  return kTable;
}

}  // namespace sluice
