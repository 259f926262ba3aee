#pragma once

#include <string_view>

namespace sluice {

/// Whether a link may have the name: 1 to 15 bytes without '/', ':' or blanks.
bool is_link_name(std::string_view name);

}  // namespace sluice
