// How claims are prepared and unprepared for the kubelet.
#include <gmock/gmock.h>

#include <future>

#include "dra/service/claim_calls.h"
#include "test/unit/dra_service/dra_world.h"

namespace sluice::dra {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Claims : public DraWorld {
 protected:
  void SetUp() override { begin(); }
};

TEST_F(Claims, P1_APreparedOneHasItsDevices) {
  ASSERT_OK_AND_ASSIGN(const auto answer, prepare(claims_named({"a"})));

  ASSERT_EQ(answer.claims_size(), 1);
  const auto& claim = answer.claims().at("uid-a");
  EXPECT_EQ(claim.error(), "");
  ASSERT_EQ(claim.devices_size(), 1);
  const auto& device = claim.devices(0);
  EXPECT_THAT(device.request_names(), ElementsAre("vf0"));
  EXPECT_EQ(device.pool_name(), "node-a");
  EXPECT_EQ(device.device_name(), "pf0");
  EXPECT_THAT(device.cdi_device_ids(),
              ElementsAre("sluice.dev/claim=uid-a-0", "sluice.dev/claim=limits"));
  EXPECT_EQ(device.share_id(), "share-uid-a");
  EXPECT_THAT(claims.prepared(), ElementsAre("uid-a"));
}

TEST_F(Claims, AWholeDeviceHasNoShare) {
  ASSERT_OK_AND_ASSIGN(const auto answer, prepare(claims_named({"whole"})));
  EXPECT_FALSE(answer.claims().at("uid-whole").devices(0).has_share_id());
}

TEST_F(Claims, R2_AreTheSameInBothVersionsButForTheShare) {
  ASSERT_OK_AND_ASSIGN(const auto answer, prepare(claims_named({"a"})));
  wire_v1beta1::DRAPlugin::Stub stub(channel);
  ASSERT_OK_AND_ASSIGN(
      const auto older,
      call(stub, &wire_v1beta1::DRAPlugin::Stub::NodePrepareResources,
           request_for<wire_v1beta1::NodePrepareResourcesRequest>(claims_named({"a"})), kLimit,
           "prepare"));

  wire_v1::NodePrepareResourcesResponse without = answer;
  (*without.mutable_claims())["uid-a"].mutable_devices(0)->clear_share_id();
  EXPECT_EQ(older.SerializeAsString(), without.SerializeAsString());

  ASSERT_OK_AND_ASSIGN(
      const auto ended,
      call(stub, &wire_v1beta1::DRAPlugin::Stub::NodeUnprepareResources,
           request_for<wire_v1beta1::NodeUnprepareResourcesRequest>(claims_named({"a"})), kLimit,
           "unprepare"));
  EXPECT_EQ(ended.claims().at("uid-a").error(), "");
  EXPECT_TRUE(claims.prepared().empty());
}

TEST_F(Claims, P3_OfOneCallHaveAnEntryEach) {
  ASSERT_OK_AND_ASSIGN(const auto answer, prepare(claims_named({"a", "b"})));
  ASSERT_EQ(answer.claims_size(), 2);
  EXPECT_EQ(answer.claims().at("uid-b").devices(0).share_id(), "share-uid-b");
}

TEST_F(Claims, P4_AreAnsweredAlikeEachTime) {
  ASSERT_OK_AND_ASSIGN(const auto first, prepare(claims_named({"a"})));
  ASSERT_OK_AND_ASSIGN(const auto second, prepare(claims_named({"a"})));
  EXPECT_EQ(first.SerializeAsString(), second.SerializeAsString());
}

TEST_F(Claims, E16_FailOneByOneWhileTheCallSucceeds) {
  claims.fail("uid-a", "40 of 100 Gbit/s free, 50 asked");
  claims.fail("uid-c", "no such device");
  ASSERT_OK_AND_ASSIGN(const auto answer, prepare(claims_named({"a", "b", "c"})));

  EXPECT_EQ(answer.claims().at("uid-a").error(), "claim 'ml/a': 40 of 100 Gbit/s free, 50 asked");
  EXPECT_EQ(answer.claims().at("uid-a").devices_size(), 0);
  EXPECT_EQ(answer.claims().at("uid-b").error(), "");
  EXPECT_EQ(answer.claims().at("uid-c").error(), "claim 'ml/c': no such device");
  EXPECT_THAT(claims.prepared(), ElementsAre("uid-b"));
}

TEST_F(Claims, E16_MayAllFail) {
  claims.fail("uid-a", "no");
  ASSERT_OK_AND_ASSIGN(const auto answer, prepare(claims_named({"a"})));
  EXPECT_EQ(answer.claims().at("uid-a").error(), "claim 'ml/a': no");
}

TEST_F(Claims, TellNothingThatIsNotUtf8) {
  claims.fail("uid-a", "odd \xff");
  EXPECT_EQ(prepare(claims_named({"a"})).value().claims().at("uid-a").error(),
            "claim 'ml/a': odd ?");
}

TEST_F(Claims, U2_AreUnpreparedAnyNumberOfTimes) {
  ASSERT_THAT(prepare(claims_named({"a", "b"})), IsOk());
  for (int i = 0; i < 2; ++i) {
    ASSERT_OK_AND_ASSIGN(const auto answer, unprepare(claims_named({"a", "unknown"})));
    EXPECT_EQ(answer.claims_size(), 2);
    EXPECT_EQ(answer.claims().at("uid-a").error(), "");
    EXPECT_EQ(answer.claims().at("uid-unknown").error(), "");
  }
  EXPECT_THAT(claims.prepared(), ElementsAre("uid-b"));
}

TEST_F(Claims, U7_ThatCannotBeUnpreparedSayWhy) {
  claims.fail("uid-a", "set rate of VF 3: EBUSY");
  ASSERT_OK_AND_ASSIGN(const auto answer, unprepare(claims_named({"a"})));
  EXPECT_EQ(answer.claims().at("uid-a").error(), "claim 'ml/a': set rate of VF 3: EBUSY");
}

TEST_F(Claims, OfOneCallAreWorkedOnBesideEachOtherUpToALimit) {
  claims.hold();
  std::vector<ClaimRef> many;
  for (int i = 0; i < 20; ++i) many.push_back({.uid = std::to_string(i), .ns = "ml", .name = "x"});
  auto answer = std::async(std::launch::async, [&] { return prepare(many); });

  EXPECT_TRUE(claims.wait_inside(ClaimCalls::kMostAtOnce));
  claims.release();

  const auto done = answer.get();
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->claims_size(), 20);
  EXPECT_EQ(claims.most_inside(), ClaimCalls::kMostAtOnce);
}

TEST_F(Claims, OfOneCallDoNotWaitForThoseOfAnother) {
  claims.hold();
  auto first = std::async(std::launch::async, [&] { return prepare(claims_named({"a"})); });
  auto second = std::async(std::launch::async, [&] { return prepare(claims_named({"b"})); });
  EXPECT_TRUE(claims.wait_inside(2));
  claims.release();
  EXPECT_THAT(first.get(), IsOk());
  EXPECT_THAT(second.get(), IsOk());
}

TEST_F(Claims, M10_HaveALineInTheLogEach) {
  claims.fail("uid-b", "no room");
  ASSERT_THAT(prepare(claims_named({"a", "b"})), IsOk());
  ASSERT_THAT(unprepare(claims_named({"a"})), IsOk());
  endpoint.reset();

  std::vector<std::string> lines;
  std::istringstream in(log.str());
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  EXPECT_THAT(lines,
              testing::UnorderedElementsAre(
                  testing::ContainsRegex(
                      "info +dra: claim prepared uid=uid-a claim=ml/a devices=\"pf0 .20 Gbit/s "
                      "promised, at most 40 Gbit/s.\" duration_ms=[0-9.]+ result=ok"),
                  testing::ContainsRegex("warning +dra: claim not prepared uid=uid-b claim=ml/b "
                                         "duration_ms=[0-9.]+ result=\"claim 'ml/b': no room\""),
                  testing::ContainsRegex("info +dra: claim unprepared uid=uid-a claim=ml/a "
                                         "duration_ms=[0-9.]+ result=ok")));
}

}  // namespace
}  // namespace sluice::dra
