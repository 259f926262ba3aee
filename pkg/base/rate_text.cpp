#include "pkg/base/rate_text.h"

#include <fmt/format.h>

namespace sluice {

std::string to_string(const Rate& rate) {
  return fmt::format("{} promised, {}", to_string(rate.floor), ceiling_text(rate.ceiling));
}

std::string ceiling_text(BitRate ceiling) {
  return ceiling.is_zero() ? "no ceiling" : fmt::format("at most {}", to_string(ceiling));
}

}  // namespace sluice
