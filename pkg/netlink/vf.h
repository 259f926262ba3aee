#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "pkg/base/mac_address.h"
#include "pkg/base/rate.h"

namespace sluice {

/// A VLAN tag the port puts on a VF's frames. {0, 0, 802.1Q} is none.
struct VlanTag {
  static constexpr std::uint16_t kDot1q = 0x8100;   // ETH_P_8021Q (linux/if_ether.h)
  static constexpr std::uint16_t kDot1ad = 0x88a8;  // ETH_P_8021AD

  std::uint16_t id = 0;             ///< 0–4094
  std::uint8_t qos = 0;             ///< 0–7
  std::uint16_t protocol = kDot1q;  ///< host byte order

  friend bool operator==(const VlanTag&, const VlanTag&) = default;
};

/// IFLA_VF_LINK_STATE_* (linux/if_link.h): what the VF is told of the wire.
enum class VfLinkState : std::uint32_t { automatic = 0, enable = 1, disable = 2 };

/// What to set on a VF through its port; absent settings are not sent.
struct VfSettings {
  std::optional<MacAddress> mac;  ///< Administrative MAC; all zero takes it back.
  std::optional<VlanTag> vlan;
  std::optional<Rate> rate;  ///< Whole Mbit/s, each below 2³¹ Mbit/s: invalid_argument otherwise.
  std::optional<bool> spoofchk;
  std::optional<bool> trust;
  std::optional<VfLinkState> link_state;
  std::optional<std::uint64_t> node_guid;  ///< InfiniBand
  std::optional<std::uint64_t> port_guid;  ///< InfiniBand

  friend bool operator==(const VfSettings&, const VfSettings&) = default;
};

/// One VF as the port reports it; nullopt where the driver said nothing.
struct VfInfo {
  int index = 0;
  std::optional<MacAddress> mac;
  std::optional<VlanTag> vlan;
  std::optional<Rate> rate;
  std::optional<bool> spoofchk;
  std::optional<bool> trust;
  std::optional<VfLinkState> link_state;

  friend bool operator==(const VfInfo&, const VfInfo&) = default;
};

/// A port's VFs. The kernel leaves out VFs whose driver did not answer, and whole tails of long
/// lists, without an error; so a VF that is not in `vfs` is unknown, not absent.
struct VfList {
  std::uint32_t announced = 0;  ///< IFLA_NUM_VF: how many the bus has.
  std::vector<VfInfo> vfs;      ///< By index; look one up with find().

  bool complete() const { return vfs.size() == announced; }

  const VfInfo* find(int index) const {
    for (const VfInfo& vf : vfs) {
      if (vf.index == index) return &vf;
    }
    return nullptr;
  }
};

}  // namespace sluice
