#include "pkg/base/link_name.h"

namespace sluice {

// IFNAMSIZ counts the NUL: 15 usable bytes (linux/if.h); the rest is dev_valid_name() of the
// kernel, with ':' as in the CNI specification's library.
bool is_link_name(std::string_view name) {
  constexpr std::size_t kLongest = 15;
  if (name.empty() || name.size() > kLongest || name == "." || name == "..") return false;
  return name.find_first_of("/: \t\n\v\f\r") == std::string_view::npos;
}

}  // namespace sluice
