#include "pkg/placement/rank.h"

namespace sluice {
namespace {

__extension__ using Wide = __int128;  // A product of two rates.

}  // namespace

std::strong_ordering operator<=>(const PartLeft& a, const PartLeft& b) {
  const Wide left = a.of == 0 ? 0 : a.left;
  const Wide right = b.of == 0 ? 0 : b.left;
  return left * (b.of == 0 ? 1 : b.of) <=> right * (a.of == 0 ? 1 : a.of);
}

std::strong_ordering operator<=>(const PortRank& a, const PortRank& b) {
  if (const auto order = a.rivals <=> b.rivals; order != 0) return order;
  if (const auto order = a.against_node <=> b.against_node; order != 0) return order;
  if (const auto order = a.against_port <=> b.against_port; order != 0) return order;
  if (const auto order = b.left <=> a.left; order != 0) return order;
  return b.vfs <=> a.vfs;
}

}  // namespace sluice
