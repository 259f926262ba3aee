#pragma once

#include <string>
#include <vector>

namespace sluice {

using Row = std::vector<std::string>;

/// Rows as text, each column as wide as its widest cell, two blanks between them and none at the
/// end of a line. The first row is the heading. Rows may be shorter than it.
std::string to_table(const std::vector<Row>& rows);

}  // namespace sluice
