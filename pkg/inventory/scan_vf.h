#pragma once

#include <optional>
#include <string>

#include "pkg/base/result.h"
#include "pkg/fs/dir.h"
#include "pkg/inventory/types.h"

namespace sluice {

/// The VF behind the entry "virtfn<N>" of a port's directory, as far as sysfs of this namespace
/// knows; nullopt when the entry is no such link or the VF is going away.
Result<std::optional<Vf>> scan_vf(const Dir& port, const std::string& entry);

}  // namespace sluice
