#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "pkg/base/bit_rate.h"
#include "pkg/base/mac_address.h"
#include "pkg/base/result.h"
#include "pkg/json/members.h"
#include "pkg/json/problems.h"
#include "pkg/netlink/vf.h"

namespace sluice {

/// What a VF of the lane is bound to.
enum class LaneDriver {
  network,  ///< The driver that the kernel chooses: the lane is a link.
  vfio,     ///< vfio-pci: a program in the pod drives the VF itself.
};

/// Settings of lanes: as a DeviceClass or a claim states them, by opaque parameters of kind
/// LaneConfig (docs/lane-config.schema.json), and as a pod's annotation does. Absent is not said.
/// The floor is not among them: a claim's is the bandwidth that was allocated.
struct LaneConfig {
  std::optional<BitRate> ceiling;        ///< Zero: none.
  std::optional<int> mtu;                ///< Bytes
  std::optional<VlanTag> vlan;           ///< `vlan`, `vlanQoS` and `vlanProto`: one setting.
  std::optional<MacAddress> mac;         ///< Unicast
  std::optional<std::string> interface;  ///< Name of the link in the pod.
  std::optional<std::string> network;    ///< One of the node's configuration.
  std::optional<bool> rdma;              ///< Whether containers get the RDMA character devices.
  std::optional<bool> trust;
  std::optional<bool> spoofchk;
  std::optional<LaneDriver> driver;

  friend bool operator==(const LaneConfig&, const LaneConfig&) = default;
};

inline constexpr std::string_view kLaneConfigVersion = "sluice.dev/v1alpha1";
inline constexpr std::string_view kLaneConfigKind = "LaneConfig";

/// Bytes that the API server lets through (resource/v1 OpaqueParametersMaxLength).
inline constexpr std::size_t kLongestLaneConfig = 10'240;

/// All members that a LaneConfig may have.
std::initializer_list<std::string_view> lane_config_members();

/// Reads the parameters that are at the JSON pointer `at`. All that is unknown, impossible or of
/// another kind or version is a problem; an unknown member with the one that was probably meant.
LaneConfig read_lane_config(std::string_view text, const std::string& at, Problems& problems);

/// Reads the settings among the members of an object that may have others.
LaneConfig read_lane_settings(Members& members);

/// invalid_argument naming the settings of a link, where the lane's driver leaves none.
Result<> check_driver(const LaneConfig& config);

/// What `later` says takes the place of what `to` says, member by member.
void merge(LaneConfig& to, const LaneConfig& later);

/// The settings of the VF itself, without its rate.
VfSettings settings_of(const LaneConfig& config);

}  // namespace sluice
