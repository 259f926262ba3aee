#pragma once

#include "agent/grants/port_share.h"
#include "dra/slices/claim_node.h"
#include "pkg/config/config.h"

namespace sluice {

/// How the API server is to see the claims' share of a port, all of it as one device.
dra::ClaimPort published(const FrontEndShare& share, const Config& config);

}  // namespace sluice
