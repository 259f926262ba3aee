// Lanes of pods on the host's network: in force where the VF is.
#include "test/unit/lane/node_fixture.h"

namespace sluice {
namespace {

class AttachInPlace : public NodeTest {
 protected:
  Result<Lane> attach_here(const LaneRequest& wanted) { return lanes->attach_in_place(wanted); }

  static LaneRequest hosted(int index, const std::string& pod = "uid-1") {
    LaneRequest wanted = request(index, pod, vf(index));
    wanted.owner.network.clear();
    wanted.floor = BitRate::gbps(10);
    wanted.ceiling = BitRate::gbps(20);
    return wanted;
  }

  /// As it was found: the test's link of the VF has never been touched.
  void expect_link_untouched(int index) {
    const FakeLink* const link = kernel->node().find("eth0v" + std::to_string(index));
    ASSERT_NE(link, nullptr);
    EXPECT_TRUE(link->link.up);
    EXPECT_EQ(link->link.mtu, 9000);
  }

  void SetUp() override {
    FakeLink* const link = kernel->node().find("eth0v0");
    link->link.up = true;  // A person uses it, with addresses.
    link->link.mtu = 9000;
  }
};

TEST_F(AttachInPlace, RatesAndSettingsAreInForceAndTheLinkStays) {
  LaneRequest wanted = hosted(0);
  wanted.settings.vlan = VlanTag{.id = 7};
  ASSERT_OK_AND_ASSIGN(const Lane lane, attach_here(wanted));
  EXPECT_EQ(rate(0), gbps(10, 20));
  EXPECT_EQ(kernel->node().vf("eth0", 0).info.vlan, VlanTag{.id = 7});
  EXPECT_EQ(lane.record.phase, Phase::attached);
  EXPECT_EQ(lane.record.owner.netns, kHostNetwork);
  EXPECT_TRUE(records()[0].is_in_place());
  EXPECT_EQ(lane.link, std::nullopt);
  expect_link_untouched(0);
}

TEST_F(AttachInPlace, DetachTakesTheRateBackAndLeavesTheLink) {
  ASSERT_THAT(attach_here(hosted(0)), IsOk());
  ASSERT_THAT(detach("uid-1", vf(0)), IsOk());
  EXPECT_EQ(rate(0), Rate());
  EXPECT_EQ(recorded(), 0U);
  expect_link_untouched(0);
}

TEST_F(AttachInPlace, NothingButDetachTakesItBack) {
  ASSERT_THAT(attach_here(hosted(0)), IsOk());
  restart();
  EXPECT_THAT(lanes->recover(), IsOk());
  EXPECT_THAT(lanes->orphans().value(), testing::IsEmpty());
  EXPECT_THAT(lanes->bring_back(kPort, Look::all, {}).value(), testing::IsEmpty());
  EXPECT_THAT(attach(request(0, "c2")), FailsWith(Code::busy, "still held by container 'uid-1'"));
  EXPECT_EQ(recorded(), 1U);
  expect_link_untouched(0);
}

TEST_F(AttachInPlace, ItsPromiseCounts) {
  ASSERT_THAT(attach_here(hosted(0)), IsOk());
  LaneRequest other = request(1, "c2");
  other.floor = BitRate::gbps(91);
  EXPECT_THAT(attach(other), FailsWith(Code::exhausted, "90 Gbit/s of 100 Gbit/s free"));
}

TEST_F(AttachInPlace, AVfThatIsInAPodIsBusy) {
  ASSERT_THAT(attach(request(0)), IsOk());
  EXPECT_THAT(attach_here(hosted(0)), FailsWith(Code::busy, "still held by container 'c1'"));
}

TEST_F(AttachInPlace, DriftIsRepaired) {
  ASSERT_THAT(attach_here(hosted(0)), IsOk());
  kernel->node().vf("eth0", 0).info.rate = Rate{.floor = {}, .ceiling = BitRate::mbps(7)};
  EXPECT_THAT(lanes->repair(kPort).value(), testing::SizeIs(1));
  EXPECT_EQ(rate(0), gbps(10, 20));
}

}  // namespace
}  // namespace sluice
