#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dra/slices/device.h"

namespace sluice::dra {

/// What could not be published, and why: "port-eth0: attribute network is left out: …".
using Omissions = std::vector<std::string>;

/// Adds the attribute, unless it is empty text. The server would refuse the whole slice for a name
/// or value that is not valid, so that one is left out, and so is one too many.
void add_attribute(Device& device, std::string_view name, AttributeValue value,
                   Omissions& omissions);

}  // namespace sluice::dra
