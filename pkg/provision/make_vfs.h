#pragma once

#include <string>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/fs/dir.h"
#include "pkg/inventory/types.h"
#include "pkg/netlink/links.h"
#include "pkg/provision/vf_count.h"

namespace sluice {

/// Through what make_vfs() works. All must outlive the call.
struct VfWorkshop {
  const std::string& sysfs_root;
  const Dir& sysfs;
  Links& links;
  const Progress& progress;
};

/// A port after its VFs were made.
struct MadeVfs {
  Port port;
  bool macs_given = false;         ///< Before they existed: see give_macs().
  std::vector<std::string> notes;  ///< What is not as it was.
};

/// Gives a port `target` VFs in place of those it has: brings it up first, gives MACs where the
/// driver takes them so early, and waits for a carrier that the write took away. Fails as
/// write_vf_count() and check_vf_count() do.
Result<MadeVfs> make_vfs(const VfWorkshop& with, const Port& port, int target,
                         const Deadline& deadline);

}  // namespace sluice
