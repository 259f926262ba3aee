#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "cni/net_conf.h"

namespace sluice::cni {
namespace {

std::vector<std::string> examples_of_the_manual() {
  std::ifstream file(SLUICE_SOURCE_DIR "/docs/cni.md");
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

TEST(Manual, ItsExamplesLoad) {
  const Environment environment{
      .command = Command::add, .container_id = "c1", .netns = "/n", .ifname = "net1"};
  const auto examples = examples_of_the_manual();
  EXPECT_EQ(examples.size(), 3U);
  for (const std::string& example : examples) {
    const auto conf = load_net_conf(example, environment);
    EXPECT_TRUE(conf) << example << conf.error().message;
  }
}

}  // namespace
}  // namespace sluice::cni
