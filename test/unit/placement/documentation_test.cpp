// The examples of docs/placement.md are what the code answers.
#include <fstream>
#include <string>
#include <vector>

#include "pkg/base/code_names.h"
#include "pkg/base/quantity.h"
#include "pkg/base/strings.h"
#include "pkg/placement/node_ports_json.h"
#include "pkg/placement/place.h"
#include "test/support/manual.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

constexpr const char* kPage = SLUICE_SOURCE_DIR "/docs/placement.md";

struct Example {
  std::string floors;
  std::string answer;
};

/// The rows of the table that begins with "| floors |".
std::vector<Example> examples() {
  std::ifstream file(kPage);
  std::vector<Example> rows;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    const std::vector<std::string_view> cells = split(line, '|');
    const bool begins = line.starts_with("| floors |");
    inside = begins || (inside && cells.size() == 4);
    if (!inside || begins || line.starts_with("| ---")) continue;
    rows.push_back({std::string(trim(cells[1])), std::string(trim(cells[2]))});
  }
  return rows;
}

PodAsk lanes_with(std::string_view floors) {
  PodAsk ask;
  for (const std::string_view floor : split(floors, ',')) {
    const Result<BitRate> rate = parse_quantity(trim(floor));
    EXPECT_THAT(rate, IsOk());
    ask.lanes.push_back({.rate = {.floor = rate.value_or(BitRate()), .ceiling = {}}});
  }
  return ask;
}

std::string answer_to(const NodePorts& node, std::string_view floors) {
  const Result<Placement> placement = place(node.ports, lanes_with(floors));
  if (!placement) {
    return fmt::format("`{}`: {}", name_of(placement.error().code()), placement.error().message());
  }
  std::vector<std::string> links;
  for (const std::size_t port : *placement) links.push_back(node.ports[port].link);
  return fmt::format("{}", fmt::join(links, ", "));
}

TEST(PlacementDocumentation, ItsPortsAreRead) {
  const auto all = json_examples_of(kPage);
  ASSERT_EQ(all.size(), 1U);
  ASSERT_OK_AND_ASSIGN(const NodePorts node, decode_node_ports_text(all.front()));
  EXPECT_EQ(node.ports.size(), 2U);
}

TEST(PlacementDocumentation, ItsAnswersAreThose) {
  ASSERT_OK_AND_ASSIGN(const NodePorts node, decode_node_ports_text(json_examples_of(kPage).at(0)));
  const std::vector<Example> rows = examples();
  ASSERT_GE(rows.size(), 6U);
  for (const Example& row : rows) EXPECT_EQ(answer_to(node, row.floors), row.answer) << row.floors;
}

}  // namespace
}  // namespace sluice
