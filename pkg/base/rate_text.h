#pragma once

#include <string>

#include "pkg/base/rate.h"

namespace sluice {

/// As logs and events put it: "20 Gbit/s promised, at most 40 Gbit/s".
std::string to_string(const Rate& rate);

/// "at most 40 Gbit/s", "no ceiling".
std::string ceiling_text(BitRate ceiling);

}  // namespace sluice
