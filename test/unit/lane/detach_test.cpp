#include <linux/if_link.h>

#include "test/unit/lane/node_fixture.h"

namespace sluice {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class Detach : public NodeTest {};

TEST_F(Detach, IsRepeatableAndSucceedsWithoutALane) {
  EXPECT_THAT(detach(), IsOk());
  ASSERT_THAT(attach(request(0)), IsOk());
  EXPECT_THAT(detach(), IsOk());
  EXPECT_THAT(detach(), IsOk());
  expect_baseline(0);
}

TEST_F(Detach, TheSpoofCheckIsThatOfThePortsBaseline) {
  {
    ASSERT_OK_AND_ASSIGN(LockedPort locked, ledger->lock(kPort, std::chrono::milliseconds(0)));
    locked.record().spoofchk = false;
    ASSERT_THAT(locked.save(), IsOk());
  }
  const auto spoofchk = [&] { return kernel->node().vf("eth0", 0).info.spoofchk; };
  ASSERT_THAT(attach(request(0)), IsOk());
  EXPECT_EQ(spoofchk(), false);
  ASSERT_THAT(detach(), IsOk());
  EXPECT_EQ(spoofchk(), false);

  LaneRequest checked = request(0);
  checked.settings.spoofchk = true;
  ASSERT_THAT(attach(checked), IsOk());
  EXPECT_EQ(spoofchk(), true);
  ASSERT_THAT(detach(), IsOk());
  EXPECT_EQ(spoofchk(), false);
}

TEST_F(Detach, MovesTheVfOnceAndAsksForNoVfList) {
  ASSERT_THAT(attach(request(0)), IsOk());
  kernel->log().clear();
  ASSERT_THAT(detach(), IsOk());
  EXPECT_THAT(kernel->log().matching("netns="), SizeIs(1));
  EXPECT_THAT(kernel->log().matching("set_vf"), SizeIs(1));
  EXPECT_THAT(kernel->log().matching("vfs"), IsEmpty());
}

TEST_F(Detach, K33_AnXdpProgramThatIsHeldDoesNotHoldUpTheReleaseButTheNextAttach) {
  ASSERT_THAT(attach(request(0)), IsOk());
  in_pod("net1")->link.xdp_modes = XDP_FLAGS_DRV_MODE;
  in_pod("net1")->xdp_is_held = true;
  ASSERT_THAT(detach(), IsOk());
  EXPECT_EQ(recorded(), 0U);

  EXPECT_THAT(attach(request(0)), FailsWith(Code::busy, "detach XDP program of link"));
  EXPECT_EQ(recorded(), 0U);

  kernel->node().find("eth0v0")->xdp_is_held = false;
  EXPECT_THAT(attach(request(0)), IsOk());
  EXPECT_EQ(in_pod("net1")->link.xdp_modes, 0U);
}

TEST_F(Detach, C60_UndoesWhatThePodDidToItsLink) {
  ASSERT_THAT(attach(request(0)), IsOk());
  Link& link = in_pod("net1")->link;
  link.mtu = 4444;
  link.special_modes = true;
  link.xdp_modes = XDP_FLAGS_SKB_MODE | XDP_FLAGS_DRV_MODE;
  link.mac = MacAddress::parse("62:00:00:00:00:01").value();
  link.altnames = {"eth0v0", "mine"};
  ASSERT_THAT(detach(), IsOk());
  expect_baseline(0);
}

TEST_F(Detach, FindsALinkThatThePodRenamed) {
  ASSERT_THAT(attach(request(0)), IsOk());
  in_pod("net1")->link.name = "mine";
  ASSERT_THAT(detach(), IsOk());
  expect_baseline(0);
}

TEST_F(Detach, C63_WithoutItsNamespaceTheVfIsRenamedAndReset) {
  ASSERT_THAT(attach(request(0)), IsOk());
  const std::uint64_t p1 = netns("p1");
  kernel->node().unlink_netns("/run/netns/p1");
  kernel->node().kill_netns(p1);
  ASSERT_NE(kernel->node().find("net1"), nullptr);
  returned_as(0, "net1");
  ASSERT_THAT(detach(), IsOk());
  expect_baseline(0);
}

TEST_F(Detach, C69_AVanishedVfOnlyClearsItsRecord) {
  ASSERT_THAT(attach(request(0)), IsOk());
  kernel->node().change(netns("p1"), in_pod("net1")->link.index, {.up = false});
  tree->remove(SysfsTree::device(vf(0)));
  EXPECT_THAT(detach(), IsOk());
  EXPECT_EQ(recorded(), 0U);
}

TEST_F(Detach, N6_ALateDelNeverTouchesTheNewOwner) {
  ASSERT_THAT(attach(request(0, "old", "net1", "p0")), IsOk());
  ASSERT_THAT(detach("old"), IsOk());
  ASSERT_THAT(attach(request(0, "new")), IsOk());
  kernel->log().clear();
  EXPECT_THAT(detach("old"), IsOk());
  EXPECT_THAT(kernel->log().matching("set_vf"), IsEmpty());
  EXPECT_NE(in_pod("net1"), nullptr);
  EXPECT_EQ(recorded(), 1U);
}

TEST_F(Detach, ANameTakenAtHomeDoesNotHoldUpTheRelease) {
  ASSERT_THAT(attach(request(0)), IsOk());
  kernel->node().add_link({.name = "eth0v0", .kind = "veth"});
  kernel->log().before("name=eth0v0", [&] { show_as(0, "net1"); });
  EXPECT_THAT(detach(), IsOk());
  EXPECT_EQ(in_pod("net1"), nullptr);
  EXPECT_EQ(kernel->node().find("net1"), nullptr);
  EXPECT_EQ(recorded(), 0U);
}

TEST_F(Detach, U7_AResetThatADriverIsTooBusyForIsReportedKeptAndRetried) {
  ASSERT_THAT(attach(request(0)), IsOk());
  for (int i = 0; i < 200; ++i) {
    kernel->log().fail_on("set_vf", Error::from_errno(EBUSY, "set VF 0"));
  }
  EXPECT_THAT(detach(), FailsWith(Code::busy, "EBUSY"));
  ASSERT_EQ(recorded(), 1U);
  EXPECT_EQ(records().at(0).phase, Phase::releasing);
  kernel->log().forget_faults();
  EXPECT_THAT(detach(), IsOk());
  expect_baseline(0);
}

TEST_F(Detach, MC3_ADriverThatTakesNoMacBackDoesNotHoldUpTheRelease) {
  LaneRequest wanted = request(0);
  wanted.settings.mac = *MacAddress::parse("60:00:00:00:00:e1");
  ASSERT_THAT(attach(wanted), IsOk());
  kernel->log().fail_on("set_vf", Error::from_errno(EINVAL, "set VF 0"));
  EXPECT_THAT(detach(), IsOk());
  EXPECT_EQ(recorded(), 0U);
}

TEST_F(Detach, MC19_ABusyDriverIsAskedAgain) {
  ASSERT_THAT(attach(request(0)), IsOk());
  kernel->log().fail_on("set_vf", Error::from_errno(EBUSY, "set VF 0"));
  EXPECT_THAT(detach(), IsOk());
  expect_baseline(0);
}

TEST_F(Detach, C74_CollectReleasesOnlyStaleLanesOfThatNetwork) {
  ASSERT_THAT(attach(request(0, "c1", "net1")), IsOk());
  ASSERT_THAT(attach(request(1, "c2", "net1", "p0")), IsOk());
  LaneRequest foreign = request(2, "c3", "net2");
  foreign.owner.network = "other-net";
  ASSERT_THAT(attach(foreign), IsOk());
  const std::vector<AttachmentId> keep = {{"c1", "net1"}};
  ASSERT_THAT(lanes->collect("rdma-net", keep), IsOk());
  expect_baseline(1);
  EXPECT_EQ(recorded(), 2U);
  EXPECT_NE(in_pod("net1"), nullptr);
}

TEST_F(Detach, C71_CheckReportsEveryDifference) {
  LaneRequest wanted = request(0);
  wanted.ceiling = BitRate::gbps(2);
  wanted.settings.vlan = VlanTag{.id = 5};
  ASSERT_THAT(attach(wanted), IsOk());
  const NetNs pod = NetNs::fake(netns("p1"));
  EXPECT_THAT(lanes->check({"c1", "net1"}, pod), IsOk());

  kernel->node().vf("eth0", 0).info.rate = Rate{.floor = {}, .ceiling = BitRate::mbps(1)};
  EXPECT_THAT(
      lanes->check({"c1", "net1"}, pod),
      FailsWith(Code::internal, "ceiling 2 Gbit/s expected, floor 0 bit/s ceiling 1 Mbit/s"));
  EXPECT_THAT(lanes->check({"c2", "net1"}, pod), FailsWith(Code::not_found, "container 'c2'"));
}

}  // namespace
}  // namespace sluice
