// Several lanes on one port: of one pod, with one MAC address, and of an unknown provider.
#include "test/unit/lane/node_fixture.h"

namespace sluice {
namespace {

using testing::IsEmpty;

class LanesOfOnePod : public NodeTest {};

TEST_F(LanesOfOnePod, K18_ASecondVfThatFailsLeavesTheFirstAndNothingOfItself) {
  ASSERT_THAT(attach(request(0, "c1", "net1")), IsOk());
  kernel->log().fail_on("netns=", Error::from_errno(EIO, "move"));
  EXPECT_THAT(attach(request(1, "c1", "net2")), FailsWith(Code::internal, "EIO"));
  expect_baseline(1);
  EXPECT_NE(in_pod("net1"), nullptr);
  EXPECT_EQ(recorded(), 1U);

  EXPECT_THAT(detach("c1", "net2"), IsOk());
  ASSERT_THAT(detach("c1", "net1"), IsOk());
  expect_baseline(0);
  expect_baseline(1);
}

/// Two lanes asked for with one MAC address.
class SameMac : public NodeTest {
 protected:
  static LaneRequest with_mac(int index, const std::string& container, const std::string& ifname) {
    LaneRequest wanted = request(index, container, ifname);
    wanted.settings.mac = *MacAddress::parse("60:00:00:00:00:e1");
    return wanted;
  }
};

TEST_F(SameMac, K32_OnOnePortWaitsForItsHolderAndNamesIt) {
  ASSERT_THAT(attach(with_mac(0, "c1", "net1")), IsOk());
  kernel->log().clear();
  EXPECT_THAT(attach(with_mac(1, "c2", "net2")),
              FailsWith(Code::busy,
                        "MAC 60:00:00:00:00:e1 is that of lane 0000:3b:02.0 of port 0000:3b:00.0, "
                        "held by container 'c1' as 'net1' (network 'rdma-net')"));
  EXPECT_THAT(kernel->log().matching("set_vf"), IsEmpty());
  EXPECT_EQ(recorded(), 1U);
  ASSERT_THAT(detach("c1", "net1"), IsOk());
  EXPECT_THAT(attach(with_mac(1, "c2", "net2")), IsOk());
}

TEST_F(SameMac, K32_AVfsOwnIsTakenWhileALaneHasIt) {
  LaneRequest wanted = request(1, "c2", "net2");
  wanted.settings.mac = MacAddress({2, 0, 0, 0, 0, 0});  // VF 0's.
  ASSERT_THAT(attach(wanted), IsOk());
  EXPECT_THAT(attach(request(0)), FailsWith(Code::busy, "MAC 02:00:00:00:00:00 is that of lane"));
}

TEST_F(SameMac, K32_InOnePodIsRefusedAtOnce) {
  ASSERT_THAT(attach(with_mac(0, "c1", "net1")), IsOk());
  EXPECT_THAT(attach(with_mac(1, "c1", "net2")),
              FailsWith(Code::already_exists, "MAC 60:00:00:00:00:e1 is that of lane"));
}

TEST_F(SameMac, K32_OnAnotherVlanIsAnother) {
  ASSERT_THAT(attach(with_mac(0, "c1", "net1")), IsOk());
  LaneRequest wanted = with_mac(1, "c2", "net2");
  wanted.settings.vlan = VlanTag{.id = 5};
  EXPECT_THAT(attach(wanted), IsOk());
}

TEST_F(SameMac, K32_OfAnOwnerWhoseNamespaceIsGoneIsTakenOver) {
  LaneRequest old = with_mac(0, "old", "net1");
  old.owner.netns = "/run/netns/p0";
  ASSERT_THAT(attach(old), IsOk());
  const std::uint64_t p0 = netns("p0");
  kernel->node().unlink_netns("/run/netns/p0");
  kernel->node().kill_netns(p0);
  returned_as(0, "net1");
  ASSERT_THAT(attach(with_mac(1, "new", "net2")), IsOk());
  expect_baseline(0);
  EXPECT_EQ(recorded(), 1U);
}

/// A record written by a version with a provider that this one does not have.
class ForeignProvider : public NodeTest {
 protected:
  static constexpr const char* kWhy = "this version of sluice has no provider 'ovs'";

  ForeignProvider() {
    EXPECT_THAT(attach(request(0)), IsOk());
    Result<LockedPort> locked = ledger->lock(kPort, std::chrono::seconds(1));
    EXPECT_THAT(locked, IsOk());
    locked->record().lanes.at(0).provider = "ovs";
    EXPECT_THAT(locked->save(), IsOk());
    kernel->log().clear();
  }
};

TEST_F(ForeignProvider, IsNamedByDelAndItsLaneStays) {
  EXPECT_THAT(detach(),
              FailsWith(Code::unsupported,
                        std::string("release lane 0000:3b:02.0 of port 0000:3b:00.0: ") + kWhy));
  ASSERT_EQ(recorded(), 1U);
  EXPECT_EQ(records().at(0).phase, Phase::attached);
  EXPECT_NE(in_pod("net1"), nullptr);
  EXPECT_THAT(kernel->log().matching("change"), IsEmpty());
}

TEST_F(ForeignProvider, IsNamedByCheckAndByRecovery) {
  EXPECT_THAT(lanes->check({"c1", "net1"}, NetNs::fake(netns("p1"))),
              FailsWith(Code::unsupported, kWhy));
  EXPECT_THAT(lanes->recover(), IsOk());  // Its pod lives.
  kernel->node().unlink_netns("/run/netns/p1");
  EXPECT_THAT(lanes->recover(), FailsWith(Code::busy, kWhy));
  EXPECT_EQ(recorded(), 1U);
}

TEST_F(ForeignProvider, DoesNotHoldUpTheOtherLanesOfThePort) {
  ASSERT_THAT(attach(request(1, "c2", "net2")), IsOk());
  EXPECT_THAT(detach("c2", "net2"), IsOk());
  EXPECT_EQ(recorded(), 1U);
  EXPECT_THAT(attach(request(0, "c3", "net3")), FailsWith(Code::busy, "still held by"));
}

}  // namespace
}  // namespace sluice
