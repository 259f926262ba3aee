#pragma once

#include <string>

#include "pkg/base/result.h"

namespace sluice {

/// A small file (64 KiB at most) without the blanks at its ends, symbolic links followed: a mounted
/// secret is replaced by swapping one. not_found when there is none.
Result<std::string> read_text_file(const std::string& path);

}  // namespace sluice
