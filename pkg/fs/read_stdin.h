#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "pkg/base/result.h"

namespace sluice {

/// All that comes from standard input until its end. `what` it is, for the message:
/// invalid_argument when it has more than `most` bytes, a whole number of MiB.
Result<std::string> read_stdin(std::size_t most, std::string_view what);

}  // namespace sluice
