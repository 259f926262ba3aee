#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/placement/node_ports.h"
#include "pkg/placement/pod_ask.h"

namespace sluice {

/// By lane of the ask: the position of its port in the list of ports.
using Placement = std::vector<std::size_t>;

/// So many choices are tried before a search is given up: about a millisecond. There is a
/// search for each NUMA node that might hold the whole pod, and one for all ports.
constexpr std::uint64_t kMostSearchSteps = 20'000;

/// Decides which lane goes on which port. Pure: the same answer for the same ports and lanes, in
/// whatever order the ports are given (they are told apart by their names).
///
/// What holds of a placement: a lane's port is where the lane asks to be; validate() takes its rate
/// there; check_carries() holds of the port; the effective_promise() of its lanes fits into what is
/// free, and their number into its free VFs, those bound to vfio-pci for lanes that ask for one and
/// those with a link for others; and groups are on one port or on different ones.
///
/// Which placement it is, of several: one on a single NUMA node if a search finds any, on the node
/// that has enough free VFs with the fewest to spare, else the most. There lanes are placed largest
/// first, each on the port that would be left with the greatest part of its bandwidth, of equals on
/// the one with more free VFs, then on the first by name. Where that leaves lanes without room,
/// others make way (see spread.h); where it cannot be mended, a packing is searched for (search.h).
///
///   invalid_argument  the ask is wrong by itself (check(), bundles_of()), or a rate is one that no
///                     port takes
///   unsupported       no port could ever take a lane: none is where it asks to be, drivers do not
///                     keep its rate, ports may not promise that much
///   busy              only a port without carrier could take a lane
///   exhausted         it does not fit now; names what there is too little of
///   timed_out         unknown: `most_steps` did not suffice. The problem is NP-hard (bin packing),
///                     and two dozen floors or more that all differ, down to the Mbit/s, can be
///                     that hard where they leave less than a hundredth of the bandwidth free
///
/// More than 64 ports: only the first 64 by name are looked at.
Result<Placement> place(std::span<const NodePort> ports, const PodAsk& ask,
                        std::uint64_t most_steps = kMostSearchSteps);

}  // namespace sluice
