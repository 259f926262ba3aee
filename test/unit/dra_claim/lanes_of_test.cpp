#include "dra/claim/lanes_of.h"

#include <gtest/gtest.h>

#include "test/support/result_matchers.h"
#include "test/unit/dra_claim/claim_object.h"

namespace sluice::dra {
namespace {

Result<std::vector<ClaimedLane>> lanes(const ClaimObject& object) {
  const Claim claim = TRY(read_claim(object.text(), kDriver));
  return lanes_of(claim);
}

/// The configuration of the only lane.
LaneConfig config_of(const ClaimObject& object) {
  const Result<std::vector<ClaimedLane>> found = lanes(object);
  EXPECT_THAT(found, IsOk());
  return found && found->size() == 1 ? found->front().config : LaneConfig();
}

TEST(LanesOf, P10_HaveTheFloorThatWasAllocated) {
  ClaimObject object;
  object.share("vf0", "25G");
  object.share("vf1", "48828125Ki");
  object.config({{"ceiling", "100G"}});

  ASSERT_OK_AND_ASSIGN(const std::vector<ClaimedLane> found, lanes(object));

  EXPECT_EQ(found, (std::vector<ClaimedLane>{{.request = "vf0",
                                              .pool = "node-a",
                                              .device = "pf-0000-3b-00-0",
                                              .share_id = "share-0",
                                              .floor = BitRate::gbps(25),
                                              .config = {.ceiling = BitRate::gbps(100)}},
                                             {.request = "vf1",
                                              .pool = "node-a",
                                              .device = "pf-0000-3b-00-0",
                                              .share_id = "share-1",
                                              .floor = BitRate::gbps(50),
                                              .config = {.ceiling = BitRate::gbps(100)}}}));
}

TEST(LanesOf, P2_AreAsManyAsARequestWasGiven) {
  ClaimObject object;
  for (const char* const device : {"pf-a", "pf-b", "pf-c"}) object.share("vfs")["device"] = device;
  EXPECT_EQ(lanes(object).value().size(), 3U);
}

TEST(LanesOf, AWholeDeviceSaysItsFloorItself) {
  ClaimObject object;
  nlohmann::json& result = object.share("vf0");
  result["device"] = "vf-0000-3b-00-2";
  result.erase("shareID");
  result.erase("consumedCapacity");
  object.config({{"ceiling", "1G"}});
  ASSERT_OK_AND_ASSIGN(const std::vector<ClaimedLane> found, lanes(object));
  EXPECT_EQ(found.at(0).floor, std::nullopt);
}

TEST(LanesOf, P7_AConfigurationWithoutRequestsIsForAll) {
  ClaimObject object;
  object.share("vf0");
  object.share("vf1");
  object.config({{"mtu", 9000}});
  ASSERT_OK_AND_ASSIGN(const std::vector<ClaimedLane> found, lanes(object));
  ASSERT_EQ(found.size(), 2U);
  for (const ClaimedLane& lane : found) EXPECT_EQ(lane.config.mtu, 9000);
}

TEST(LanesOf, AConfigurationIsForItsRequestsAndTheirSubrequests) {
  ClaimObject object;
  object.share("vf0/large");
  object.share("vf0");
  object.share("vf1/large");
  object.config({{"mtu", 9000}}, {"vf0"});
  object.config({{"trust", true}}, {"vf1/large"});
  object.config({{"rdma", false}}, {"vf1/small", "vf"});

  ASSERT_OK_AND_ASSIGN(const std::vector<ClaimedLane> found, lanes(object));

  EXPECT_EQ(found.at(0).config, LaneConfig{.mtu = 9000});
  EXPECT_EQ(found.at(1).config, LaneConfig{.mtu = 9000});
  EXPECT_EQ(found.at(2).config, LaneConfig{.trust = true});
}

TEST(LanesOf, TheClaimOverridesItsClassMemberByMember) {
  ClaimObject object;
  object.share("vf0");
  object.config({{"mtu", 1500}, {"network", "own"}}, {}, "FromClaim");
  object.config({{"mtu", 9000}, {"trust", true}}, {}, "FromClass");
  EXPECT_EQ(config_of(object), (LaneConfig{.mtu = 1500, .network = "own", .trust = true}));
}

TEST(LanesOf, OfOneSourceTheLaterWins) {
  ClaimObject object;
  object.share("vf0");
  object.config({{"mtu", 1500}, {"trust", true}});
  object.config({{"mtu", 9000}});
  EXPECT_EQ(config_of(object), (LaneConfig{.mtu = 9000, .trust = true}));
}

TEST(LanesOf, P14_AreNotThoseOfAdminAccess) {
  ClaimObject object;
  object.share("watch")["adminAccess"] = true;
  EXPECT_TRUE(lanes(object).value().empty());
}

TEST(LanesOf, E8_ACeilingOfZeroIsNone) {
  ClaimObject object;
  object.share("vf0");
  object.config({{"ceiling", "0"}});
  EXPECT_EQ(config_of(object).ceiling, BitRate());
}

TEST(LanesOf, E8_ACeilingMayBeTheFloor) {
  ClaimObject object;
  object.share("vf0", "10G");
  object.config({{"ceiling", "10G"}});
  EXPECT_THAT(lanes(object), IsOk());
}

TEST(LanesOf, E3_RefusesAClaimThatIsNotAllocated) {
  ClaimObject object;
  object.json()["status"].erase("allocation");
  EXPECT_THAT(lanes(object),
              FailsWith(Code::invalid_argument, "claim 'ml/train' is not allocated"));
}

TEST(LanesOf, E8_RefuseACeilingBelowTheFloor) {
  ClaimObject object;
  object.share("vf0", "10G");
  object.config({{"ceiling", "9999M"}});
  EXPECT_THAT(lanes(object),
              FailsWith(Code::invalid_argument,
                        "claim 'ml/train': request 'vf0': a ceiling of 9.999 Gbit/s is below the "
                        "10 Gbit/s of 'pf-0000-3b-00-0' allocated to it"));
}

TEST(LanesOf, E8_RefuseAFloorThatNoVfCanHave) {
  ClaimObject object;
  object.share("vf0", "2147483648M");
  EXPECT_THAT(lanes(object), FailsWith(Code::invalid_argument, "2147483647 Mbit/s that a VF"));
}

TEST(LanesOf, E5_RefuseADeviceThatIsNoneOfOurs) {
  ClaimObject object;
  nlohmann::json& result = object.share("vf0");
  result["device"] = "0000:3b:00.0";
  EXPECT_THAT(lanes(object), FailsWith(Code::invalid_argument,
                                       "'0000:3b:00.0' of pool 'node-a' is no device of ours"));
  result["device"] = "pf";
  result["pool"] = "";
  EXPECT_THAT(lanes(object), FailsWith(Code::invalid_argument, "'pf' of pool '' is no device"));
  result["pool"] = "node-a";
  result["consumedCapacity"]["vfs"] = "2";
  EXPECT_THAT(lanes(object), FailsWith(Code::invalid_argument, "a share of 'pf' with 2 VFs"));
}

TEST(LanesOf, E9_NameThePlaceOfAMistakeInAConfiguration) {
  ClaimObject object;
  object.share("vf0");
  object.config({{"mtu", 9000}});
  object.config({{"ceilling", "1G"}});
  EXPECT_THAT(lanes(object),
              FailsWith(Code::invalid_argument,
                        "claim 'ml/train': configuration: "
                        "/status/allocation/devices/config/1/opaque/parameters/ceilling: unknown "
                        "key; did you mean \"ceiling\"?"));
}

TEST(LanesOf, N11_RefuseAnInterfaceNameThatTwoWouldHave) {
  ClaimObject object;
  object.share("vf0");
  object.share("vf1");
  object.config({{"interface", "rail0"}});
  EXPECT_THAT(lanes(object), FailsWith(Code::invalid_argument,
                                       "claim 'ml/train': request 'vf1': has interface "
                                       "'rail0', and so has a lane of request 'vf0'"));
}

TEST(LanesOf, RefuseAMacThatTwoWouldHave) {
  ClaimObject object;
  object.share("vf0");
  object.share("vf1");
  object.config({{"mac", "02:00:00:00:00:01"}});
  EXPECT_THAT(lanes(object), FailsWith(Code::invalid_argument, "has MAC 02:00:00:00:00:01, and"));
}

TEST(LanesOf, RefuseAShareThatIsThereTwice) {
  ClaimObject object;
  object.share("vf0")["shareID"] = "same";
  object.share("vf1")["shareID"] = "same";
  EXPECT_THAT(lanes(object), FailsWith(Code::invalid_argument,
                                       "has device 'pf-0000-3b-00-0' of pool 'node-a' (share "
                                       "'same'), and so has a lane of request 'vf0'"));
}

TEST(LanesOf, RefuseSettingsOfALinkOnAVfWithoutOne) {
  ClaimObject object;
  object.share("vf0");
  object.config({{"mtu", 9000}, {"rdma", true}, {"trust", true}}, {}, "FromClass");
  object.config({{"driver", "vfio-pci"}, {"interface", "rail0"}});
  EXPECT_THAT(lanes(object), FailsWith(Code::invalid_argument,
                                       "driver vfio-pci leaves no link, so not with "
                                       "\"interface\", \"mtu\", \"rdma\""));
}

}  // namespace
}  // namespace sluice::dra
