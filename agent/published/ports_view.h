#pragma once

#include <nlohmann/json_fwd.hpp>

#include "agent/node_state.h"
#include "pkg/ledger/set_aside.h"

namespace sluice {

/// What `GET /v1/ports` answers: the ports as NodeLanes has them, with what is promised on each and
/// to whom. decode_node_ports() reads it too. Pure.
nlohmann::json ports_view(const NodeState& node, const SetAside& aside);

}  // namespace sluice
