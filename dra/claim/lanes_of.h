#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dra/claim/claim.h"
#include "pkg/annotations/lane_config.h"
#include "pkg/base/result.h"

namespace sluice::dra {

/// A lane that a claim was allocated: one share of a port, or one VF.
struct ClaimedLane {
  std::string request;  ///< As allocated: "vf0", or "vf0/large".
  std::string pool;
  std::string device;
  std::string share_id;          ///< Empty: the whole device.
  std::optional<BitRate> floor;  ///< As allocated; nullopt: the device itself says.
  LaneConfig config;             ///< Of the class and the claim, merged.

  friend bool operator==(const ClaimedLane&, const ClaimedLane&) = default;
};

/// The lanes of the claim, in the order of its results. Devices with admin access are no lanes.
/// Configurations apply in the order of the object, those of classes before those of the claim,
/// each to its requests: a later one wins, member by member. The floor is what was allocated,
/// whatever a configuration says.
///
/// invalid_argument, naming the claim and the request or the JSON pointer, when it is not
/// allocated, when a configuration is wrong, and when the lanes cannot all be as asked: a ceiling
/// below the floor, an interface name or MAC twice, settings of a link on a VF without one.
Result<std::vector<ClaimedLane>> lanes_of(const Claim& claim);

}  // namespace sluice::dra
