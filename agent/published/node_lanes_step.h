#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "pkg/node_lanes/node_lanes.h"

namespace sluice {

/// What is to be written so that the server has what is wanted.
enum class NodeLanesStep {
  nothing,
  own,     ///< The object: that it is there, and that its Node owns it.
  status,  ///< Its status.
};

/// The next one. `stored` is the server's object, null where it has none. Spelling does not count,
/// and the wishes, which are the scheduler's, do not either.
NodeLanesStep next_step(const NodeLanes& wanted, const nlohmann::json& stored);

/// Bodies for server-side apply, to the object and to its status.
std::string owner_patch(const NodeLanes& wanted);
std::string status_patch(const NodeLanes& wanted);

}  // namespace sluice
