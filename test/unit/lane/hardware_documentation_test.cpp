// The table of docs/hardware.md is what the code goes by.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "pkg/bandwidth/capability.h"
#include "pkg/base/strings.h"
#include "pkg/lane/vf/vf_driver.h"

namespace sluice {
namespace {

struct Row {
  std::string driver;
  std::string floor;
  std::string ceiling;
  std::string rates;
  std::string mac;
};

// Of "| NIC | `driver` | floor | ceiling | rates | MAC | …".
std::vector<Row> rows() {
  std::ifstream file(SLUICE_SOURCE_DIR "/docs/hardware.md");
  std::vector<Row> rows;
  for (std::string line; std::getline(file, line);) {
    const std::vector<std::string_view> cells = split(line, '|');
    if (cells.size() != 13 || !trim(cells[2]).starts_with('`')) continue;
    const std::string_view quoted = trim(cells[2]);
    const auto cell = [&cells](std::size_t n) { return std::string(trim(cells[n])); };
    rows.push_back({.driver = std::string(quoted.substr(1, quoted.size() - 2)),
                    .floor = cell(3),
                    .ceiling = cell(4),
                    .rates = cell(5),
                    .mac = cell(6)});
  }
  return rows;
}

std::string_view mac_word(const VfDriver& driver) {
  switch (driver.mac_path) {
    case MacPath::link_first: return "link";
    case MacPath::port_first: return "port";
    case MacPath::none: return "–";
  }
  return "";
}

std::set<std::string> documented() {
  std::set<std::string> drivers;
  for (const Row& row : rows()) drivers.insert(row.driver);
  return drivers;
}

TEST(HardwareDocumentation, HasEveryDriverAndNoOther) {
  std::set<std::string> known;
  for (const DriverCapability& row : known_drivers()) known.emplace(row.driver);
  EXPECT_EQ(documented(), known);
}

TEST(HardwareDocumentation, HasEveryDriverWhoseVfsHaveWaysOfTheirOwn) {
  const std::set<std::string> drivers = documented();
  for (const VfDriver& row : known_vf_drivers()) {
    EXPECT_TRUE(drivers.contains(std::string(row.driver))) << row.driver;
  }
}

TEST(HardwareDocumentation, PromisesWhatTheTableOfDriversHas) {
  for (const Row& row : rows()) {
    SCOPED_TRACE(row.driver);
    const DriverCapability& capability = capability_of(row.driver);
    EXPECT_EQ(row.floor, to_string(capability.floor));
    EXPECT_EQ(row.ceiling, to_string(capability.ceiling));
    const bool limits = capability.ceiling != CeilingEnforcement::none;
    EXPECT_EQ(row.rates == "–", !limits);
    EXPECT_TRUE(row.rates != "leaf" || capability.leaves != LeafRates::none);
    EXPECT_EQ(row.mac, mac_word(vf_driver_of(row.driver)));
  }
}

TEST(HardwareDocumentation, NamesEveryDriverThatHasLeaves) {
  std::set<std::string> named;
  for (const Row& row : rows()) {
    if (row.rates == "leaf") named.insert(row.driver);
  }
  std::set<std::string> with_leaves;
  for (const DriverCapability& row : known_drivers()) {
    if (row.leaves != LeafRates::none) with_leaves.emplace(row.driver);
  }
  EXPECT_EQ(named, with_leaves);
}

}  // namespace
}  // namespace sluice
