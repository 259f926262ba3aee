#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "plugin/device.h"

namespace sluice::plugin {

/// What the kubelet asks before it chooses the devices of a container.
struct PreferenceRequest {
  std::vector<std::string> available;  ///< Those of `must_include` too.
  std::vector<std::string> must_include;
  std::size_t size = 0;  ///< Those of `must_include` too.
};

/// The devices we would like a container to have: `must_include` first, then `size` of the
/// available ones or all of them. As many as can be had on one NUMA node come from one: that of
/// `must_include`, else the node that has enough with the fewest to spare, else the one with the
/// most. Among those of a node the next comes from the port that would be left with the greatest
/// part of its bandwidth, so that ports fill evenly; between ports alike, from the one with more
/// devices left. The same answer for the same question. Pure.
std::vector<std::string> prefer(const DeviceSnapshot& snapshot, const ClassDevices& offered,
                                const PreferenceRequest& request);

}  // namespace sluice::plugin
