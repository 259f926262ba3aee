#include "ctl/claims.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "ctl/format.h"
#include "ctl/table.h"
#include "pkg/ledger/records.h"

namespace sluice {
namespace {

using Json = nlohmann::ordered_json;

std::string phase_of(const std::vector<PortRecord>& records, const GrantedVf& vf) {
  const LaneRecord* const lane = find_lane(find_record(records, vf.port), vf.vf);
  return lane == nullptr ? std::string() : std::string(to_string(lane->phase));
}

Json to_json(const GrantedLane& lane) {
  return {{"claim", lane.claim},
          {"uid", lane.uid},
          {"request", or_null(lane.vf.request)},
          {"vf", lane.vf.vf},
          {"port", lane.vf.port},
          {"interface", or_null(lane.vf.ifname)},
          {"network", or_null(lane.vf.network)},
          {"floor", lane.vf.rate.floor.as_bits_per_second()},
          {"ceiling", or_null(lane.vf.rate.ceiling)},
          {"phase", or_null(lane.phase)}};
}

}  // namespace

NodeClaims look_at_claims(const std::vector<Grant>& grants,
                          const std::vector<PortRecord>& records) {
  NodeClaims node;
  for (const Grant& grant : grants) {
    if (grant.kind != Grant::Kind::claim) continue;
    for (const GrantedVf& vf : grant.vfs) {
      node.lanes.push_back(
          {.claim = grant.name, .uid = grant.uid, .vf = vf, .phase = phase_of(records, vf)});
    }
  }
  return node;
}

std::string claims_table(const NodeClaims& node) {
  if (node.lanes.empty()) {
    return "no claim has lanes of this node\n" + problem_lines(node.problems);
  }
  std::vector<Row> rows = {
      {"CLAIM", "REQUEST", "VF", "PORT", "FLOOR", "CEILING", "NETWORK", "LANE"}};
  for (const GrantedLane& lane : node.lanes) {
    rows.push_back({lane.claim, or_dash(lane.vf.request), lane.vf.vf, lane.vf.port,
                    or_dash(lane.vf.rate.floor), or_dash(lane.vf.rate.ceiling),
                    or_dash(lane.vf.network), or_dash(lane.phase)});
  }
  return to_table(rows) + problem_lines(node.problems);
}

std::string claims_json(const NodeClaims& node) {
  Json lanes = Json::array();
  for (const GrantedLane& lane : node.lanes) lanes.push_back(to_json(lane));
  const Json document = {{"lanes", std::move(lanes)}, {"problems", node.problems}};
  return to_text(document);
}

}  // namespace sluice
