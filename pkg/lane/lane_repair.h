#pragma once

#include <string>

#include "pkg/ledger/record.h"

namespace sluice {

/// What a lane had other than written, and what became of it.
struct LaneRepair {
  LaneRecord lane;
  std::string what;     ///< "rate", "vlan", "spoofchk", "trust", "link_state"
  std::string drift;    ///< "VF 3: vlan 100 qos 0 written, 7 qos 0 found"
  std::string failure;  ///< Why it could not be written again; empty: it was.
};

}  // namespace sluice
