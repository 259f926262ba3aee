#pragma once

#include <string>

#include "pkg/base/result.h"

namespace sluice {

/// Whether a FileLock on the file at `path` is held, by this process or another. Asking takes no
/// lock that another question would find, and the file is made where it is missing.
Result<bool> is_locked(const std::string& path);

}  // namespace sluice
