#pragma once

#include <string>
#include <vector>

#include "pkg/ledger/grant_store.h"
#include "pkg/ledger/record.h"

namespace sluice {

/// A VF granted to a claim or pod, and whether its lane is in the pod.
struct GrantedLane {
  std::string claim;  ///< "ml/train"
  std::string uid;    ///< Of the claim.
  GrantedVf vf;
  std::string phase;  ///< Of the lane; empty: the pod does not have it yet, or not any more.
};

struct NodeClaims {
  std::vector<GrantedLane> lanes;
  std::vector<std::string> problems;
};

/// What grants set aside, in their order.
NodeClaims look_at_claims(const std::vector<Grant>& grants, const std::vector<PortRecord>& records);

/// A table for people.
std::string claims_table(const NodeClaims& node);

/// All of it as JSON for programs, rates in bit/s. Null: none; of a phase: no lane.
std::string claims_json(const NodeClaims& node);

}  // namespace sluice
