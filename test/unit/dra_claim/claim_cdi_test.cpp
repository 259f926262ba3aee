#include "dra/claim/claim_cdi.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "test/support/result_matchers.h"
#include "test/support/temp_dir.h"

namespace sluice::dra {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kUid = "2f1d9a1e-3c0e-4a55-9b0e-0f6a2f0f7b10";

CdiLane lane_of(const std::string& request, int number) {
  return {.request = request,
          .vf = fmt::format("0000:3b:02.{}", number),
          .rdma_device = fmt::format("mlx5_{}", number),
          .interface = fmt::format("rail{}", number),
          .rate = {.floor = BitRate::gbps(25), .ceiling = BitRate::gbps(50)},
          .char_devices = {fmt::format("uverbs{}", number)},
          .vfio_group = {}};
}

TEST(ClaimCdiSpec, HasADeviceForEachLane) {
  const std::vector<CdiLane> lanes = {lane_of("vf0", 1), lane_of("vf1", 2)};
  const CdiSpec spec = claim_cdi_spec(kUid, lanes, {});

  EXPECT_EQ(spec.kind, "sluice.dev/claim");
  EXPECT_EQ(
      spec.devices,
      (std::vector<CdiDevice>{
          {.name = "2f1d9a1e-3c0e-4a55-9b0e-0f6a2f0f7b10-vf0-0",
           .device_nodes = {"/dev/infiniband/uverbs1", "/dev/infiniband/rdma_cm"},
           .env = {R"(SLUICE_LANE_0000_3B_02_1={"request":"vf0","vf":"0000:3b:02.1",)"
                   R"("rdmaDevice":"mlx5_1","interface":"rail1","floor":"25G","ceiling":"50G"})"}},
          {.name = "2f1d9a1e-3c0e-4a55-9b0e-0f6a2f0f7b10-vf1-1",
           .device_nodes = {"/dev/infiniband/uverbs2", "/dev/infiniband/rdma_cm"},
           .env = {
               R"(SLUICE_LANE_0000_3B_02_2={"request":"vf1","vf":"0000:3b:02.2",)"
               R"("rdmaDevice":"mlx5_2","interface":"rail2","floor":"25G","ceiling":"50G"})"}}}));
}

TEST(ClaimCdiSpec, N9_GivesNoOtherLaneWithALane) {
  const CdiSpec spec = claim_cdi_spec(kUid, {lane_of("vf0", 1), lane_of("vf1", 2)}, {});
  EXPECT_EQ(cdi_id(kUid, lane_of("vf1", 2), 1), qualified_name(spec.kind, spec.devices[1].name));
  EXPECT_EQ(std::ranges::count(spec.devices[1].device_nodes, "/dev/infiniband/uverbs1"), 0);
}

TEST(ClaimCdiSpec, TellsLanesOfOneRequestApart) {
  EXPECT_NE(cdi_id(kUid, lane_of("vfs", 1), 0), cdi_id(kUid, lane_of("vfs", 2), 1));
}

TEST(ClaimCdiSpec, LeavesOutWhatALaneHasNot) {
  const CdiSpec spec =
      claim_cdi_spec(kUid, {{.request = "vf0", .vf = "0000:3b:02.1", .vfio_group = "12"}}, {});
  EXPECT_EQ(spec.devices[0].device_nodes,
            (std::vector<std::string>{"/dev/vfio/vfio", "/dev/vfio/12"}));
  EXPECT_THAT(
      spec.devices[0].env,
      ElementsAre(R"(SLUICE_LANE_0000_3B_02_1={"request":"vf0","vf":"0000:3b:02.1","floor":"0"})"));
}

TEST(ClaimCdiSpec, TellsLanesOfAClassAsTheDevicePluginDoes) {
  std::vector<CdiLane> lanes = {lane_of("first", 1), lane_of("first", 2), lane_of("second", 3),
                                lane_of("second", 4)};
  for (CdiLane& lane : lanes) lane.resource = "sluice.dev/gold";
  lanes[3].resource = "";
  const CdiSpec spec = claim_cdi_spec(kUid, lanes, {});
  const std::string both = "PCIDEVICE_SLUICE_DEV_GOLD=0000:3b:02.1,0000:3b:02.2";
  EXPECT_EQ(spec.devices[0].env.at(1), both);
  EXPECT_EQ(spec.devices[1].env.at(1), both);
  EXPECT_EQ(spec.devices[2].env.at(1), "PCIDEVICE_SLUICE_DEV_GOLD=0000:3b:02.3");
  EXPECT_EQ(spec.devices[3].env.size(), 1U);
}

class ClaimCdiTest : public testing::Test {
 protected:
  static constexpr const char* kFile =
      "cdi/sluice.dev-claim_2f1d9a1e-3c0e-4a55-9b0e-0f6a2f0f7b10.json";

  TempDir root;
  ClaimCdi cdi{root / "cdi",
               {{.name = "createRuntime", .path = "/opt/memlock", .args = {"memlock"}}}};
};

TEST_F(ClaimCdiTest, WritesAFileThatRuntimesTake) {
  ASSERT_THAT(cdi.write(kUid, {lane_of("vf0", 1)}), IsOk());
  const auto file = nlohmann::json::parse(root.read(kFile), nullptr, false);
  ASSERT_TRUE(file.is_object());
  EXPECT_EQ(file["cdiVersion"], "0.5.0");
  EXPECT_EQ(file["kind"], "sluice.dev/claim");
  EXPECT_EQ(file["devices"].size(), 1U);
  EXPECT_EQ(file["containerEdits"]["hooks"][0]["path"], "/opt/memlock");
}

TEST_F(ClaimCdiTest, P4_WritesAFileAgainThatIsGone) {
  ASSERT_THAT(cdi.write(kUid, {lane_of("vf0", 1)}), IsOk());
  const std::string before = root.read(kFile);
  std::filesystem::remove(root / kFile);
  ASSERT_THAT(cdi.write(kUid, {lane_of("vf0", 1)}), IsOk());
  EXPECT_EQ(root.read(kFile), before);
}

TEST_F(ClaimCdiTest, P4_LeavesAFileAloneThatSaysItAlready) {
  ASSERT_THAT(cdi.write(kUid, {lane_of("vf0", 1)}), IsOk());
  struct stat before {};
  ASSERT_EQ(::stat((root / kFile).c_str(), &before), 0);
  ASSERT_THAT(cdi.write(kUid, {lane_of("vf0", 1)}), IsOk());
  struct stat after {};
  ASSERT_EQ(::stat((root / kFile).c_str(), &after), 0);
  EXPECT_EQ(before.st_ino, after.st_ino);
}

TEST_F(ClaimCdiTest, U2_RemovesTheFileOfAClaimAnyNumberOfTimes) {
  EXPECT_THAT(cdi.remove(kUid), IsOk());
  ASSERT_THAT(cdi.write(kUid, {lane_of("vf0", 1)}), IsOk());
  ASSERT_THAT(cdi.write("other", {lane_of("vf0", 2)}), IsOk());
  EXPECT_THAT(cdi.remove(kUid), IsOk());
  EXPECT_THAT(cdi.remove(kUid), IsOk());
  EXPECT_EQ(cdi.uids().value(), std::vector<std::string>{"other"});
}

TEST_F(ClaimCdiTest, HasNoFileForAClaimWithoutLanes) {
  ASSERT_THAT(cdi.write(kUid, {lane_of("vf0", 1)}), IsOk());
  ASSERT_THAT(cdi.write(kUid, {}), IsOk());
  EXPECT_FALSE(root.has(kFile));
}

TEST_F(ClaimCdiTest, KnowsTheClaimsThatHaveAFile) {
  EXPECT_THAT(cdi.uids().value(), IsEmpty());
  ASSERT_THAT(cdi.write("b", {lane_of("vf0", 1)}), IsOk());
  ASSERT_THAT(cdi.write("a", {lane_of("vf0", 2)}), IsOk());
  for (const char* const other :
       {"sluice.dev-vf.json", "sluice.dev-claim.json", "sluice.dev-claim_.json",
        "sluice.dev-claim_x.tmp", "other.dev-claim_x.json"}) {
    root.write(std::string("cdi/") + other, "{}");
  }
  EXPECT_THAT(cdi.uids().value(), ElementsAre("a", "b"));
}

TEST_F(ClaimCdiTest, TakesNoUidForAPath) {
  for (const char* const uid : {"../x", "a/b", "", ".."}) {
    EXPECT_THAT(cdi.write(uid, {lane_of("vf0", 1)}),
                FailsWith(Code::invalid_argument, "cannot be a part of a file's name"));
    EXPECT_THAT(cdi.remove(uid), FailsWith(Code::invalid_argument, "the CDI file of claim"));
  }
}

}  // namespace
}  // namespace sluice::dra
