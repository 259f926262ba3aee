// The examples of docs/configuration.md are good configurations.
#include <fstream>

#include "pkg/config/config.h"

namespace sluice {
namespace {

std::vector<std::string> examples_of_the_manual() {
  std::ifstream file(SLUICE_SOURCE_DIR "/docs/configuration.md");
  std::vector<std::string> examples;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line == "```json") {
      inside = true;
      examples.emplace_back();
    } else if (line == "```") {
      inside = false;
    } else if (inside) {
      examples.back() += line + "\n";
    }
  }
  return examples;
}

TEST(ConfigurationManual, ItsExamplesAreGood) {
  const auto examples = examples_of_the_manual();
  EXPECT_EQ(examples.size(), 2U);
  for (const std::string& example : examples) {
    const ParsedConfig parsed = parse_config(example);
    EXPECT_EQ(to_string(parsed.problems), "") << example;
    EXPECT_FALSE(parsed.config.classes.empty());
  }
}

}  // namespace
}  // namespace sluice
