#include "pkg/lane/vf/vf_driver.h"

#include <algorithm>
#include <array>

#include "pkg/bandwidth/capability.h"

namespace sluice {
namespace {

constexpr VfDriver kOther = {.driver = ""};

// By driver. File names are below drivers/net/ethernet/ of Linux 6.12.
constexpr std::array kTable = {
    // emulex/benet/be_main.c be_set_vf_mac: zero is EINVAL.
    VfDriver{.driver = "be2net", .takes_zero_mac = false},
    // chelsio/cxgb4/cxgb4_main.c cxgb4_mgmt_set_vf_mac: zero is EINVAL.
    VfDriver{.driver = "cxgb4", .takes_zero_mac = false},
    // hisilicon/hns3/hns3pf/hclge_main.c hclge_set_vf_mac: a VF that is alive resets itself for it.
    VfDriver{.driver = "hns3", .mac_path = MacPath::port_first},
    // intel/i40e/i40e_virtchnl_pf.c i40e_ndo_set_vf_mac: resets the VF, and iavf takes it over.
    VfDriver{.driver = "i40e", .mac_path = MacPath::port_first},
    // intel/ice/ice_sriov.c __ice_set_vf_mac: the same; where the VF has the MAC it returns early
    // and does not pin it.
    VfDriver{.driver = "ice", .mac_path = MacPath::port_first},
    // intel/igb/igb_main.c igb_set_vf_mac_addr: EADDRNOTAVAIL under a MAC of the port's, even for
    // that MAC.
    VfDriver{.driver = "igb", .zero_unpins = true, .zero_deafens = true},
    // drivers/infiniband/ulp/ipoib/ipoib_main.c: link state and GUIDs are the only operations.
    VfDriver{.driver = kIpoib, .mac_path = MacPath::none, .settings = false},
    // intel/ixgbe/ixgbe_sriov.c ixgbe_set_vf_mac: zero deletes the VF's filter;
    // ixgbe_ndo_set_vf_link_state has an empty case for IFLA_VF_LINK_STATE_ENABLE.
    VfDriver{.driver = "ixgbe", .zero_deafens = true, .enables_link = false},
    // mellanox/mlx4/cmd.c mlx4_set_vf_mac: zero is EPERM while the spoof check is on.
    VfDriver{.driver = "mlx4_core", .takes_zero_mac = false},
    // mellanox/mlx5/core/esw/acl/ingress_lgcy.c: the spoof check allows the port's MAC alone; zero
    // allows nothing. eswitch.c mlx5_esw_set_vport_mac_locked: GUIDs follow the MAC;
    // mlx5_esw_vports_init: VFs that do not exist yet have their place already.
    VfDriver{.driver = "mlx5_core",
             .takes_zero_mac = false,
             .needs_port_mac = true,
             .mac_before_vfs = true},
    // qlogic/qede/qede_main.c qede_set_vf_mac: zero is EINVAL; the VF polls for the port's MAC once
    // a second. qed/qed_l2.c qed_fill_eth_dev_info: a fresh VF's MAC is zero.
    // qed/qed_sriov.c qed_get_vf_config: the spoof check as of the running VF.
    VfDriver{.driver = "qede",
             .mac_path = MacPath::port_first,
             .takes_zero_mac = false,
             .fresh_without_mac = true,
             .spoofchk_reads_back = false},
};

constexpr bool by_driver(const VfDriver& a, const VfDriver& b) {
  return a.driver < b.driver;
}

static_assert(std::is_sorted(kTable.begin(), kTable.end(), by_driver));

}  // namespace

const VfDriver& vf_driver_of(std::string_view port_driver) {
  const auto* const row =
      std::lower_bound(kTable.begin(), kTable.end(), VfDriver{.driver = port_driver}, by_driver);
  return row != kTable.end() && row->driver == port_driver ? *row : kOther;
}

std::span<const VfDriver> known_vf_drivers() {
  return kTable;
}

}  // namespace sluice
