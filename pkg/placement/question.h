#pragma once

#include <span>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/placement/node_ports.h"
#include "pkg/placement/packing.h"
#include "pkg/placement/pod_ask.h"

namespace sluice {

/// What place() is asked, and how the packing's ports and kinds are called in it.
struct Question {
  std::vector<const NodePort*> ports;  ///< By name: the order they are given in does not count.
  std::vector<std::size_t> positions;  ///< By port: where it was given.
  std::vector<std::vector<LaneGroup>> kinds;  ///< By kind: its bundles.
  std::vector<PortSet> could_be;              ///< By kind: ports that could have room another day.
  Packing packing;                            ///< With the room that there is now.
};

/// Judges every lane on every port. What can never be placed is an error that says why:
/// invalid_argument, unsupported, or busy where a port's line rate is unknown.
Result<Question> question_of(std::span<const NodePort> ports, const PodAsk& ask);

}  // namespace sluice
