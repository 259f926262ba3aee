#pragma once

#include <vector>

#include "pkg/offers/board.h"

namespace sluice {

/// The VFs that nobody has, by port and reason, in the order of the ports.
std::vector<Unoffered> explain_unoffered(const Layout& layout, const Board& board);

}  // namespace sluice
