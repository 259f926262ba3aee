// The examples of docs/configuration.md and docs/quickstart.md are good configurations.
#include <gtest/gtest.h>

#include "pkg/config/config.h"
#include "test/support/manual.h"

namespace sluice {
namespace {

void expect_good(const std::vector<std::string>& examples) {
  for (const std::string& example : examples) {
    const ParsedConfig parsed = parse_config(example);
    EXPECT_EQ(to_string(parsed.problems), "") << example;
    EXPECT_FALSE(parsed.config.classes.empty());
  }
}

TEST(ConfigurationManual, ItsExamplesAreGood) {
  const auto examples = json_examples_of(SLUICE_SOURCE_DIR "/docs/configuration.md");
  EXPECT_EQ(examples.size(), 2U);
  expect_good(examples);
}

TEST(Quickstart, ItsConfigurationIsGood) {
  const auto examples = json_examples_of(SLUICE_SOURCE_DIR "/docs/quickstart.md");
  EXPECT_EQ(examples.size(), 1U);
  expect_good(examples);
}

}  // namespace
}  // namespace sluice
