#pragma once

#include <string>
#include <vector>

#include "pkg/base/result.h"
#include "plugin/device.h"

namespace sluice::plugin {

/// The devices that the kubelet asks for, in its order. An Error is final for the pod, so it says
/// what a person needs: not_found for an ID that is not offered, busy for one that is unhealthy for
/// more than want of a carrier or held by another pod, invalid_argument for one asked for twice.
/// Pure.
Result<std::vector<const Device*>> choose(const ClassDevices& offered,
                                          const std::vector<std::string>& ids);

/// Whether the kubelet would register a resource of that name: a domain that is not Kubernetes'
/// own, a '/', and a name of at most 63 letters, digits, '-', '_' and '.'. invalid_argument
/// otherwise.
Result<> check_resource_name(const std::string& resource);

/// check_resource_name() for each class, and already_exists for a name or a device given twice.
Result<> check(const DeviceSnapshot& snapshot);

}  // namespace sluice::plugin
