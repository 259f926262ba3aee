// Pod mode: lanes that the ledger itself grants the pod.
#include "test/unit/cni/pod_mode_fixture.h"

namespace sluice::cni {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::SizeIs;

class PodGranted : public PodModeTest {
 protected:
  static Grant claim_of(const std::string& pod_uid, int index) {
    return {.uid = "claim-" + std::to_string(index),
            .name = "default/fast",
            .pod_uid = pod_uid,
            .vfs = {{.vf = SysfsTree::vf(kPort, index).to_string(),
                     .port = kPort,
                     .ifname = "rdma" + std::to_string(index),
                     .rate = {.floor = BitRate::gbps(3), .ceiling = BitRate::gbps(4)}}}};
  }
};

TEST_F(PodGranted, N2_GivesGrantedLanesWithNoAgentAlive) {
  server.reset();
  ASSERT_THAT(aside->offers.save({}), IsOk());
  ASSERT_THAT(aside->grants.save({claim_of("5f0c", 2), claim_of("5f0c", 1), claim_of("0bad", 0)}),
              IsOk());
  const auto result = perform(add_pod);
  ASSERT_TRUE(result) << result.error().message;
  ASSERT_TRUE(*result);
  EXPECT_THAT((*result)->interfaces,
              ElementsAre(Field(&Interface::name, "eth0"), Field(&Interface::name, "rdma2"),
                          Field(&Interface::name, "rdma1")));
  EXPECT_EQ(rate(2).floor, BitRate::gbps(3));
  EXPECT_EQ(rate(1).ceiling, BitRate::gbps(4));
  EXPECT_THAT(pods.asked(), IsEmpty());
}

TEST_F(PodGranted, DoesNotAskTheAgentForAPodWhoseGrantsAreAllItsLanes) {
  server.reset();
  std::vector<Offer> others = *aside->offers.peek();
  std::erase_if(others, [](const Offer& offer) { return offer.vf == vf(1); });
  ASSERT_THAT(aside->offers.save(others), IsOk());
  ASSERT_THAT(aside->grants.save({claim_of("5f0c", 1)}), IsOk());
  EXPECT_TRUE(perform(add_pod).value());
  EXPECT_EQ(recorded(), 1U);
}

TEST_F(PodGranted, AsksTheAgentForTheLanesOfClassesBesideTheGranted) {
  std::vector<Offer> others = *aside->offers.peek();
  std::erase_if(others, [](const Offer& offer) { return offer.vf == vf(1); });
  ASSERT_THAT(aside->offers.save(others), IsOk());
  Grant grant = claim_of("5f0c", 1);
  grant.has_others = true;
  ASSERT_THAT(aside->grants.save({grant}), IsOk());
  give({gold(0)});
  const auto result = perform(add_pod);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_THAT((*result)->interfaces,
              ElementsAre(Field(&Interface::name, "eth0"), Field(&Interface::name, "rdma1"),
                          Field(&Interface::name, "net1")));
  server.reset();
  environment.args.pod_uid.clear();
  EXPECT_THAT(perform(add_pod), FailsAs(ErrorCode::try_again, "")) << "whose are the grants?";
}

// It may name the claim of another, whose devices the kubelet gives it.
TEST_F(PodGranted, AsksTheAgentForAPodWithoutAGrantWhereOthersHaveOne) {
  ASSERT_THAT(aside->offers.save({}), IsOk());
  ASSERT_THAT(aside->grants.save({claim_of("0bad", 1)}), IsOk());
  give({});
  EXPECT_FALSE(perform(add_pod).value()) << "a pod without lanes";
  EXPECT_THAT(pods.asked(), SizeIs(1));
  server.reset();
  EXPECT_THAT(perform(add_pod), FailsAs(ErrorCode::try_again, ""));
}

TEST_F(PodGranted, RefusesWhereTheGrantsCannotBeRead) {
  ASSERT_THAT(aside->grants.save({claim_of("5f0c", 1)}), IsOk());
  dir.write("lib/grants.json", "{");
  EXPECT_THAT(perform(add_pod), FailsAs(ErrorCode::damaged, "grants.json"));
  expect_no_lane();
}

TEST_F(PodGranted, AFailureNamesTheGrantOfTheLane) {
  ASSERT_THAT(aside->offers.save({}), IsOk());
  Grant grant = claim_of("5f0c", 1);
  grant.vfs[0].rate.floor = BitRate::gbps(5000);
  ASSERT_THAT(aside->grants.save({grant}), IsOk());
  const auto result = perform(add_pod);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message,
              testing::HasSubstr("attach 0000:3b:02.1 granted to 'default/fast' as 'rdma1'"));
  expect_no_lane();
}

}  // namespace
}  // namespace sluice::cni
