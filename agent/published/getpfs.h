#pragma once

#include <nlohmann/json_fwd.hpp>

#include "agent/node_state.h"
#include "agent/published/vf_lists.h"
#include "pkg/ledger/set_aside.h"

namespace sluice {

/// What `GET /getpfs` of the papers' RDMA hardware DaemonSet answers (rit-k8s-rdma,
/// src/server.go): a list of ports with links and VFs, with the fields and types that its clients
/// read. docs/inventory.md says what each means here. Pure.
nlohmann::json getpfs(const NodeState& node, const SetAside& aside, const VfLists::ByLink& kernel);

}  // namespace sluice
