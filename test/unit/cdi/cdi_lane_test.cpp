#include "pkg/cdi/cdi_lane.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(CdiLaneVariable, TellsAllOfALane) {
  EXPECT_EQ(variable_of({.request = "rail0",
                         .vf = "0000:3b:02.1",
                         .rdma_device = "mlx5_3",
                         .interface = "net1",
                         .rate = {.floor = BitRate::gbps(25), .ceiling = BitRate::gbps(50)}}),
            R"(SLUICE_LANE_0000_3B_02_1={"request":"rail0","vf":"0000:3b:02.1",)"
            R"("rdmaDevice":"mlx5_3","interface":"net1","floor":"25G","ceiling":"50G"})");
}

TEST(CdiLaneVariable, LeavesOutWhatALaneHasNot) {
  EXPECT_EQ(variable_of({.vf = "0000:3b:02.1"}),
            R"(SLUICE_LANE_0000_3B_02_1={"vf":"0000:3b:02.1","floor":"0"})");
}

// A pod may have given its RDMA device any name.
TEST(CdiLaneVariable, IsUtf8) {
  EXPECT_NE(variable_of({.vf = "0000:3b:02.1", .rdma_device = "mlx5\xff"}).find("mlx5\uFFFD"),
            std::string::npos);
}

}  // namespace
}  // namespace sluice
