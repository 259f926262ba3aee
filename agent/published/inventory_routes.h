#pragma once

#include <string>
#include <vector>

#include "agent/published/latest_node.h"
#include "agent/published/vf_lists.h"
#include "pkg/http/routes.h"

namespace sluice {

/// /getpfs and GET /v1/ports: JSON of the node as it was last read; 503 before that. What they are
/// given must outlive the server.
std::vector<HttpRoute> inventory_routes(const LatestNode& node, VfLists& kernel);

/// The same for those alone who show the token that the file holds ("Authorization: Bearer …"); all
/// others get 401. The file is read for each request, so that a new token counts at once; 503 while
/// it cannot be read or is empty.
std::vector<HttpRoute> with_token(std::vector<HttpRoute> routes, const std::string& file);

}  // namespace sluice
