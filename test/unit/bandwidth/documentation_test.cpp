// The examples of docs/bandwidth.md are what the code does.
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "pkg/bandwidth/rate_plan.h"
#include "pkg/base/quantity.h"
#include "pkg/base/strings.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

struct Example {
  std::string line;
  std::vector<std::string> cells;
};

BitRate rate_in(std::string_view text) {
  const Result<BitRate> rate = parse_quantity(trim(text));
  EXPECT_THAT(rate, IsOk());
  return rate.value_or(BitRate());
}

std::vector<Rate> rates_in(std::string_view cell) {
  std::vector<Rate> rates;
  for (const std::string_view lane : split(cell, ',')) {
    const std::vector<std::string_view> parts = split(lane, '/');
    EXPECT_EQ(parts.size(), 2U) << cell;
    rates.push_back({.floor = rate_in(parts.front()), .ceiling = rate_in(parts.back())});
  }
  return rates;
}

/// The rows of the table below the heading "Examples".
std::vector<Example> examples() {
  std::ifstream file(SLUICE_SOURCE_DIR "/docs/bandwidth.md");
  std::vector<Example> rows;
  bool below = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("## ")) below = line == "## Examples";
    if (!below || !line.starts_with("| ") || line.starts_with("| ---")) continue;
    Example row{.line = line, .cells = {}};
    for (const std::string_view cell : split(line, '|')) row.cells.emplace_back(trim(cell));
    rows.push_back(std::move(row));
  }
  if (!rows.empty()) rows.erase(rows.begin());  // The heading.
  return rows;
}

TEST(BandwidthDocumentation, ExamplesAreWhatHappens) {
  const std::vector<Example> rows = examples();
  ASSERT_GE(rows.size(), 10U);
  for (const Example& row : rows) {
    ASSERT_EQ(row.cells.size(), 8U) << row.line;  // With the empty ones outside the bars.
    const PortShare port = {.line_rate = rate_in(row.cells[2]),
                            .usable = rate_in(row.cells[3]),
                            .promised_elsewhere = rate_in(row.cells[4])};
    const std::vector<Rate> asked = rates_in(row.cells[5]);
    ASSERT_OK_AND_ASSIGN(const std::vector<Rate> rates,
                         in_force(capability_of(row.cells[1]), port, asked));
    EXPECT_EQ(rates, rates_in(row.cells[6])) << row.line;
  }
}

}  // namespace
}  // namespace sluice
