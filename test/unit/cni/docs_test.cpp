#include <gtest/gtest.h>

#include "cni/protocol/net_conf.h"
#include "test/support/manual.h"

namespace sluice::cni {
namespace {

TEST(Manual, ItsExamplesLoad) {
  const Environment environment{
      .command = Command::add, .container_id = "c1", .netns = "/n", .ifname = "net1"};
  const auto examples = json_examples_of(SLUICE_SOURCE_DIR "/docs/cni.md");
  EXPECT_EQ(examples.size(), 3U);
  for (const std::string& example : examples) {
    const auto conf = load_net_conf(example, environment);
    EXPECT_TRUE(conf) << example << conf.error().message;
  }
}

}  // namespace
}  // namespace sluice::cni
