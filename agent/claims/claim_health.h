#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/node_state.h"
#include "dra/service/health_book.h"
#include "dra/slices/claim_node.h"
#include "pkg/ledger/grant_store.h"

namespace sluice {

/// VFs that no lane can be made of -> why: no driver is bound, or there is no link, or it is in a
/// namespace where no lane brought it. Pure.
std::map<std::string, std::string> unfit_vfs(const NodeState& node);

/// How the devices of claims are, as the kubelet shows it in the status of their pods: the ports
/// with something for claims, and those that claims have VFs of. Unhealthy while a port has no
/// driver, link or carrier or stays locked, and while a VF that was granted on it is unfit or gone:
/// the kubelet knows no health of a share, so the message names the VF and the claim. Pure, but for
/// the time.
dra::HealthBook health_of(const std::string& pool, const std::vector<dra::ClaimPort>& ports,
                          const NodeState& node, const std::vector<Grant>& grants);

}  // namespace sluice
