// What the CDI device of a token is, and its file.
#include "plugin/token_cdi.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/support/result_matchers.h"
#include "test/support/temp_dir.h"

namespace sluice::plugin {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

CdiLane lane_of(int number) {
  return {.request = fmt::format("rail{}", number),
          .vf = fmt::format("0000:3b:02.{}", number),
          .rdma_device = fmt::format("mlx5_{}", number),
          .interface = fmt::format("net{}", number),
          .rate = {.floor = BitRate::gbps(15), .ceiling = BitRate::gbps(20)},
          .char_devices = {fmt::format("uverbs{}", number)},
          .vfio_group = {},
          .resource = {}};
}

TEST(TokenCdiSpec, IsOneDeviceWithWhatAllLanesHave) {
  const CdiSpec spec = token_cdi_spec(
      "token-17", {lane_of(1), lane_of(2)},
      {{.name = "createRuntime", .path = "/opt/bin/hook", .args = {"hook"}, .timeout = {}}});
  EXPECT_EQ(
      encode(spec).value(),
      R"({"cdiVersion":"0.3.0","kind":"sluice.dev/rdma","containerEdits":{"hooks":[{"hookName":)"
      R"("createRuntime","path":"/opt/bin/hook","args":["hook"],"timeout":0}]},"devices":[)"
      R"({"name":"token-17","containerEdits":{"env":[)"
      R"("SLUICE_LANE_0000_3B_02_1={\"request\":\"rail1\",\"vf\":\"0000:3b:02.1\",)"
      R"(\"rdmaDevice\":\"mlx5_1\",\"interface\":\"net1\",\"floor\":\"15G\",\"ceiling\":\"20G\"}",)"
      R"("SLUICE_LANE_0000_3B_02_2={\"request\":\"rail2\",\"vf\":\"0000:3b:02.2\",)"
      R"(\"rdmaDevice\":\"mlx5_2\",\"interface\":\"net2\",\"floor\":\"15G\",\"ceiling\":\"20G\"}"],)"
      R"("deviceNodes":[{"path":"/dev/infiniband/uverbs1","permissions":"rw"},)"
      R"({"path":"/dev/infiniband/rdma_cm","permissions":"rw"},)"
      R"({"path":"/dev/infiniband/uverbs2","permissions":"rw"}]}}]})"
      "\n");
}

// As a claim's: the lane is told, and has no device.
TEST(TokenCdiSpec, IsADeviceForLanesWithoutRdma) {
  CdiLane lane = lane_of(1);
  lane.char_devices.clear();
  const CdiSpec spec = token_cdi_spec("token-3", {lane}, {});
  EXPECT_THAT(spec.devices[0].device_nodes, IsEmpty());
  EXPECT_THAT(encode(spec), IsOk());
}

TEST(TokenCdiFiles, AreOneATokenAndOthersAreLeft) {
  const TempDir dir;
  const TokenCdi cdi(dir / "cdi");
  EXPECT_THAT(cdi.tokens().value(), IsEmpty());
  ASSERT_THAT(cdi.write("token-2", {lane_of(1)}, {}), IsOk());
  ASSERT_THAT(cdi.write("token-10", {lane_of(2)}, {}), IsOk());
  dir.write("cdi/sluice.dev-rdma_mine.json", "{}");
  dir.write("cdi/sluice.dev-claim_token-3.json", "{}");
  EXPECT_THAT(cdi.tokens().value(), ElementsAre("token-10", "token-2"));
  EXPECT_THAT(dir.read("cdi/sluice.dev-rdma_token-2.json"), testing::HasSubstr("uverbs1"));

  ASSERT_THAT(cdi.remove("token-2"), IsOk());
  EXPECT_THAT(cdi.remove("token-2"), IsOk());
  EXPECT_THAT(cdi.tokens().value(), ElementsAre("token-10"));
  EXPECT_TRUE(dir.has("cdi/sluice.dev-rdma_mine.json"));
}

}  // namespace
}  // namespace sluice::plugin
