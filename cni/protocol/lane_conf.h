#pragma once

#include "cni/protocol/environment.h"
#include "cni/protocol/error.h"
#include "cni/protocol/fields.h"
#include "pkg/lane/lanes.h"

namespace sluice::cni {

/// Where the settings of a lane come from.
struct LaneSource {
  const Fields& conf;     ///< The network configuration.
  const Fields& runtime;  ///< Its runtimeConfig; empty when absent.
  const Args& args;       ///< CNI_ARGS
};

/// The keys of the network configuration that say what lane is wanted, checked against each other;
/// what the port can do is for Lanes to say. The owner is left empty. Without deviceID it is not
/// said what the lane is made of.
Outcome<LaneRequest> read_lane_request(const LaneSource& source);

/// `vlan`, `vlanQoS`, `vlanProto`; nullopt when there is no `vlan`.
Outcome<std::optional<VlanTag>> read_vlan(const Fields& conf);

struct AskedRates {
  std::optional<BitRate> floor;
  std::optional<BitRate> ceiling;
};

/// `floor` or `min_tx_rate`, `ceiling` or `max_tx_rate`, and runtimeConfig.bandwidth: a pod may ask
/// for a lower ceiling than its network's, never for a higher one. Zero takes a class's rate away.
Outcome<AskedRates> read_rates(const LaneSource& source);

}  // namespace sluice::cni
