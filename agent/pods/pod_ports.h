#pragma once

#include <span>
#include <vector>

#include "agent/grants/port_share.h"
#include "agent/pods/pod_wish.h"
#include "pkg/base/pci_address.h"
#include "pkg/base/result.h"

namespace sluice {

/// The port of each lane, in the order of the ask.
using LanePorts = std::vector<PciAddress>;

/// The ports where the scheduler has placed the lanes; invalid_argument where that placement is
/// none of what the pod asks now: it is a hint. Whether there is room is not looked at. Pure.
Result<LanePorts> placed_ports(const PodWish& wish, std::span<const FrontEndShare> shares);

/// The ports that the lanes go on by what is free: place() decides. VFs that the pod before has not
/// given back yet are counted only where others do not suffice. The errors of place(). Pure.
Result<LanePorts> free_ports(const PodWish& wish, std::span<const FrontEndShare> shares);

/// Whether the scheduler counts the pod's lanes on these ports. Pure.
bool follows_placement(const PodWish& wish, const LanePorts& ports);

}  // namespace sluice
