#include "pkg/cdi/container_edits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ContainerEdits, DeviceNodesAreThoseOfTheVfAndTheSharedOnesThatTheyNeed) {
  EXPECT_THAT(device_nodes({}, ""), IsEmpty());
  EXPECT_THAT(
      device_nodes({"uverbs3", "umad3"}, ""),
      ElementsAre("/dev/infiniband/uverbs3", "/dev/infiniband/umad3", "/dev/infiniband/rdma_cm"));
  EXPECT_THAT(device_nodes({}, "12"), ElementsAre("/dev/vfio/vfio", "/dev/vfio/12"));
}

TEST(ContainerEdits, EnvironmentWordsCanBeReadByAShell) {
  EXPECT_EQ(env_word("0000:3b:02.1"), "0000_3B_02_1");
  EXPECT_EQ(env_word("sluice.dev/gold-a"), "SLUICE_DEV_GOLD_A");
}

}  // namespace
}  // namespace sluice
