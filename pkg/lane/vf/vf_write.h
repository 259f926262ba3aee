#pragma once

#include <vector>

#include "pkg/base/result.h"
#include "pkg/netlink/links.h"

namespace sluice {

/// A setting that the port did not take.
struct Refusal {
  VfSettings part;
  Error error;
};

/// Writes a VF's settings in one request and, where that fails, one by one: so that what is taken
/// is in force whatever else is refused. not_found when port or VF are gone, busy when the driver
/// is still resetting the VF after kResetTimeout.
Result<std::vector<Refusal>> write_vf(Links& links, int port_index, int vf,
                                      const VfSettings& settings);

}  // namespace sluice
