#include "test/unit/lane/node_fixture.h"

namespace sluice {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

using Attach = NodeTest;

TEST_F(Attach, C20_MovesTheVfOnceAndAsksForNoVfList) {
  ASSERT_OK_AND_ASSIGN(const Lane lane, attach(request(0)));

  EXPECT_EQ(lane.port, kPort);
  ASSERT_TRUE(lane.link);
  EXPECT_EQ(lane.link->name, "net1");
  ASSERT_NE(in_pod("net1"), nullptr);
  EXPECT_TRUE(in_pod("net1")->link.up);
  EXPECT_EQ(kernel->node().find("eth0v0"), nullptr);
  EXPECT_THAT(kernel->log().matching("netns="), SizeIs(1));
  EXPECT_THAT(kernel->log().matching("set_vf"), SizeIs(1));
  EXPECT_THAT(kernel->log().matching("vfs"), IsEmpty());
}

TEST_F(Attach, StartsFromBaselineWhateverWasLeaked) {
  kernel->node().vf("eth0", 0).info.trust = true;
  kernel->node().vf("eth0", 0).info.vlan = VlanTag{.id = 7};
  ASSERT_THAT(attach(request(0)), IsOk());
  const VfInfo& info = kernel->node().vf("eth0", 0).info;
  EXPECT_EQ(info.trust, false);
  EXPECT_EQ(info.vlan, VlanTag{});
  EXPECT_EQ(rate(0).floor, BitRate());
  EXPECT_NE(rate(0).ceiling, BitRate::mbps(7));
}

TEST_F(Attach, C26_PutsFloorAndCeilingInForceWithOneRequest) {
  LaneRequest wanted = request(0);
  wanted.floor = BitRate::mbps(100);
  wanted.ceiling = BitRate::mbps(200);
  ASSERT_THAT(attach(wanted), IsOk());
  EXPECT_EQ(rate(0), (Rate{.floor = BitRate::mbps(100), .ceiling = BitRate::mbps(200)}));
  EXPECT_THAT(kernel->log().matching("set_vf"), SizeIs(1));

  ASSERT_THAT(detach(), IsOk());
  expect_baseline(0);
}

TEST_F(Attach, C27_AnUnsetFloorIsTheBaselines) {
  LaneRequest wanted = request(0);
  wanted.ceiling = BitRate::mbps(200);
  ASSERT_THAT(attach(wanted), IsOk());
  EXPECT_EQ(rate(0), (Rate{.floor = {}, .ceiling = BitRate::mbps(200)}));
}

TEST_F(Attach, AVfThatIsOfferedGetsItsClassesRatesWithoutBeingTold) {
  ASSERT_THAT(aside->offers.save({{vf(0), kPort, "gold", gbps(40, 50)}}), IsOk());
  ASSERT_OK_AND_ASSIGN(const Lane lane, attach(request(0)));
  EXPECT_EQ(rate(0), gbps(40, 50));
  EXPECT_EQ(lane.record.class_name, "gold");
}

TEST_F(Attach, MoreThanTheOfferPromisesIsRefusedWithBothNumbers) {
  ASSERT_THAT(aside->offers.save({{vf(0), kPort, "gold", gbps(40, 50)}}), IsOk());
  LaneRequest wanted = request(0);
  wanted.floor = BitRate::gbps(41);
  EXPECT_THAT(attach(wanted), FailsWith(Code::invalid_argument,
                                        "floor 41 Gbit/s asked, but VF 0000:3b:02.0 is offered "
                                        "under class 'gold' with 40 Gbit/s"));
  wanted.floor.reset();
  wanted.ceiling = BitRate();
  EXPECT_THAT(attach(wanted), FailsWith(Code::invalid_argument, "ceiling 0 bit/s asked"));
  EXPECT_EQ(recorded(), 0U);
}

TEST_F(Attach, AFloorThatDoesNotFitIsRefusedWithItsNumbersAndNothingIsTouched) {
  ASSERT_THAT(aside->offers.save({{vf(3), kPort, "gold", gbps(60, 0)}}), IsOk());
  LaneRequest wanted = request(0);
  wanted.floor = BitRate::gbps(50);
  kernel->log().clear();
  EXPECT_THAT(attach(wanted),
              FailsWith(Code::exhausted, "40 Gbit/s of 100 Gbit/s free, 50 Gbit/s"));
  EXPECT_THAT(kernel->log().matching("set_vf"), IsEmpty());
  EXPECT_THAT(kernel->log().matching("change"), IsEmpty());
  EXPECT_EQ(recorded(), 0U);
}

TEST_F(Attach, TakingAnOfferCostsNoSecondPromise) {
  ASSERT_THAT(aside->offers.save(
                  {{vf(0), kPort, "gold", gbps(60, 0)}, {vf(1), kPort, "gold", gbps(40, 0)}}),
              IsOk());
  EXPECT_THAT(attach(request(0, "c1")), IsOk());
  EXPECT_THAT(attach(request(1, "c2", "net1", "p0")), IsOk());
  LaneRequest one_more = request(2, "c3", "net2");
  one_more.floor = BitRate::mbps(1);
  EXPECT_THAT(attach(one_more), FailsWith(Code::exhausted, "0 bit/s of 100 Gbit/s free"));
}

TEST_F(Attach, ATakenNameIsRefusedAndTheForeignLinkLeftAlone) {
  kernel->node().add_link({.name = "net1", .kind = "veth"}, netns("p1"));
  EXPECT_THAT(attach(request(0)), FailsWith(Code::already_exists, "an interface 'net1' already"));
  EXPECT_NE(in_pod("net1"), nullptr);
  EXPECT_EQ(in_pod("net1")->link.kind, "veth");
  EXPECT_NE(kernel->node().find("eth0v0"), nullptr);
  EXPECT_EQ(recorded(), 0U);
}

TEST_F(Attach, ANameTakenWhileTheLinkMovesIsUndone) {
  // The kernel moves first and renames second: the link is in the pod when EEXIST comes.
  kernel->log().before(
      "netns=", [&] { kernel->node().add_link({.name = "net1", .kind = "veth"}, netns("p1")); });
  EXPECT_THAT(attach(request(0)), FailsWith(Code::already_exists, "move VF 0000:3b:02.0"));
  EXPECT_EQ(in_pod("net1")->link.kind, "veth");
  EXPECT_EQ(in_pod("eth0v0"), nullptr);
  expect_baseline(0);
}

TEST_F(Attach, C49_AVfOfALivePodIsBusyAndNamesItsHolder) {
  ASSERT_THAT(attach(request(0, "old", "net1", "p0")), IsOk());
  kernel->log().clear();
  EXPECT_THAT(attach(request(0, "new")),
              FailsWith(Code::busy, "VF 0000:3b:02.0 is still held by container 'old'"));
  EXPECT_THAT(kernel->log().matching("set_vf"), IsEmpty());
  ASSERT_THAT(detach("old"), IsOk());
  EXPECT_THAT(attach(request(0, "new")), IsOk());
}

TEST_F(Attach, AVfWhoseOwnersNamespaceIsGoneIsTakenOverAtOnce) {
  ASSERT_THAT(attach(request(0, "old", "net1", "p0")), IsOk());
  const std::uint64_t p0 = netns("p0");
  kernel->node().unlink_netns("/run/netns/p0");
  kernel->node().kill_netns(p0);
  returned_as(0, "net1");
  ASSERT_THAT(attach(request(0, "new")), IsOk());
  EXPECT_NE(in_pod("net1"), nullptr);
  EXPECT_EQ(records().at(0).owner.container_id, "new");
  EXPECT_EQ(records().at(0).home.name, "eth0v0");
}

TEST_F(Attach, ANewNamespaceAtTheOldPathIsNotTheOldOwner) {
  ASSERT_THAT(attach(request(0, "old", "net1", "p0")), IsOk());
  kernel->node().kill_netns(netns("p0"));
  kernel->node().unlink_netns("/run/netns/p0");
  kernel->node().add_netns("/run/netns/p0");
  returned_as(0, "net1");
  EXPECT_THAT(attach(request(0, "new")), IsOk());
}

TEST_F(Attach, ASecondAddOfTheSameAttachmentIsRefused) {
  ASSERT_THAT(attach(request(0)), IsOk());
  LaneRequest again = request(1);
  kernel->node().find("net1", netns("p1"))->link.name = "renamed";  // Not seen by the name check.
  EXPECT_THAT(attach(again), FailsWith(Code::already_exists, "it needs a DEL first"));
  EXPECT_EQ(recorded(), 1U);
}

TEST_F(Attach, C41_WhatIsNoVfIsNamed) {
  LaneRequest wanted = request(0);
  wanted.made_of = OfVf{*PciAddress::parse("0000:ff:00.0")};
  EXPECT_THAT(attach(wanted), FailsWith(Code::not_found, "0000:ff:00.0"));
  wanted.made_of = OfVf{*PciAddress::parse(kPort)};
  EXPECT_THAT(attach(wanted), FailsWith(Code::invalid_argument, kPort));
}

TEST_F(Attach, C41_AVfWithoutDriverIsNotUsable) {
  tree->remove(SysfsTree::device(vf(0)) + "/driver");
  EXPECT_THAT(attach(request(0)), FailsWith(Code::not_found, "VF 0000:3b:02.0 has no driver"));
  EXPECT_EQ(recorded(), 0U);
}

TEST_F(Attach, EverySettingAskedForIsApplied) {
  LaneRequest wanted = request(0);
  wanted.settings = {.mac = *MacAddress::parse("60:00:00:00:00:e1"),
                     .vlan = VlanTag{.id = 1234, .qos = 4, .protocol = VlanTag::kDot1ad},
                     .spoofchk = false,
                     .trust = true,
                     .link_state = VfLinkState::enable};
  wanted.mtu = 9000;
  ASSERT_OK_AND_ASSIGN(const Lane lane, attach(wanted));
  const VfInfo& info = kernel->node().vf("eth0", 0).info;
  EXPECT_EQ(info.mac, wanted.settings.mac);
  EXPECT_EQ(info.vlan, wanted.settings.vlan);
  EXPECT_EQ(info.spoofchk, false);
  EXPECT_EQ(info.trust, true);
  EXPECT_EQ(info.link_state, VfLinkState::enable);
  EXPECT_EQ(lane.link->mac, wanted.settings.mac);
  EXPECT_EQ(lane.link->mtu, 9000);

  ASSERT_THAT(detach(), IsOk());
  expect_baseline(0);
  EXPECT_EQ(kernel->node().vf("eth0", 0).info.link_state, VfLinkState::automatic);
}

TEST_F(Attach, EveryFailingRequestLeavesBaselineBehind) {
  LaneRequest wanted = request(0);
  wanted.floor = BitRate::gbps(10);
  wanted.settings.mac = *MacAddress::parse("60:00:00:00:00:e1");
  wanted.settings.trust = true;
  ASSERT_THAT(attach(wanted), IsOk());
  const std::size_t requests = kernel->log().lines().size();
  ASSERT_THAT(detach(), IsOk());
  for (std::size_t n = 1; n <= requests; ++n) {
    kernel->log().clear();
    kernel->log().fail_on("", Error::from_errno(EIO, "request"), static_cast<int>(n));
    const Result<Lane> lane = attach(wanted);
    // A failure may have been made up for.
    if (lane) {
      ASSERT_THAT(detach(), IsOk());
    }
    expect_baseline(0);
    ASSERT_FALSE(testing::Test::HasFailure()) << "request " << n;
  }
}

TEST_F(Attach, ADriverWithoutVfOperationsServesLanesWithoutPromises) {
  plug("ena", "-1", {.vf_operations = false});
  EXPECT_THAT(attach(request(0)), IsOk());
  EXPECT_THAT(detach(), IsOk());
  LaneRequest wanted = request(0);
  wanted.ceiling = BitRate::gbps(1);
  EXPECT_THAT(attach(wanted), FailsWith(Code::unsupported, "ena"));
  wanted.ceiling.reset();
  wanted.settings.vlan = VlanTag{.id = 5};
  EXPECT_THAT(attach(wanted), FailsWith(Code::unsupported, "EOPNOTSUPP"));
  EXPECT_EQ(recorded(), 0U);
}

TEST_F(Attach, OnAnEmulatedPortTheCeilingsInForceNeverSumPastTheLine) {
  plug("igb", "1000", {.floors = false});
  LaneRequest first = request(0, "c0", "net0");
  first.floor = BitRate::mbps(300);
  LaneRequest second = request(1, "c1", "net1");
  second.ceiling = BitRate::mbps(400);
  ASSERT_THAT(attach(first), IsOk());
  EXPECT_EQ(rate(0).ceiling, BitRate());  // The whole line is its own.
  ASSERT_THAT(attach(second), IsOk());
  // 300 and 1 (the least there is) are promised; the rest is halved in whole Mbit/s.
  EXPECT_EQ(rate(0).ceiling, BitRate::mbps(649));
  EXPECT_EQ(rate(1).ceiling, BitRate::mbps(350));
  EXPECT_EQ(rate(0).floor, BitRate());
  ASSERT_THAT(detach("c1", "net1"), IsOk());
  EXPECT_EQ(rate(0).ceiling, BitRate());
  ASSERT_THAT(detach("c0", "net0"), IsOk());
  expect_baseline(0);
}

TEST_F(Attach, AnIgbChipWithoutVfRatesIsPromisedNothing) {
  plug("igb", "1000", {.vf_operations = false});
  tree->write(SysfsTree::device(kPort) + "/device", "0x1521");  // An I350.
  LaneRequest wanted = request(0);
  wanted.ceiling = BitRate::mbps(100);
  EXPECT_THAT(attach(wanted), FailsWith(Code::unsupported, "igb-without-rates"));
  wanted.ceiling.reset();
  EXPECT_THAT(attach(wanted), IsOk());
}

TEST_F(Attach, WithoutCarrierThePromiseHasToWait) {
  plug("igb", "-1", {.floors = false, .needs_carrier = true});
  LaneRequest wanted = request(0);
  wanted.floor = BitRate::mbps(100);
  EXPECT_THAT(attach(wanted), FailsWith(Code::busy, "carrier"));
  EXPECT_EQ(recorded(), 0U);
}

}  // namespace
}  // namespace sluice
