// What the agent's repair loop does with lanes that are attached.
#include "test/unit/lane/node_fixture.h"

namespace sluice {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class RepairedRates : public NodeTest {
 protected:
  static constexpr Rate kGiven{.floor = BitRate::gbps(1), .ceiling = BitRate::gbps(2)};

  void give(int index, const std::string& container) {
    LaneRequest wanted = request(index, container);
    wanted.owner.ifname = "net" + std::to_string(index);
    wanted.floor = kGiven.floor;
    wanted.ceiling = kGiven.ceiling;
    ASSERT_THAT(attach(wanted), IsOk());
  }

  void change_behind_our_back(int index, Rate rate) {
    kernel->node().vf("eth0", index).info.rate = rate;
  }
};

TEST_F(RepairedRates, NothingToDoIsOneListAndNoLock) {
  give(0, "c1");
  give(1, "c2");
  kernel->log().clear();
  ASSERT_OK_AND_ASSIGN(const LockedPort busy, ledger->lock(kPort, std::chrono::milliseconds(0)));
  ASSERT_OK_AND_ASSIGN(const auto repairs, lanes->repair(kPort));
  EXPECT_THAT(repairs, IsEmpty());
  EXPECT_THAT(kernel->log().matching("set_vf"), IsEmpty());
}

TEST_F(RepairedRates, APortWithoutLanesIsNotAskedForAList) {
  kernel->log().clear();
  ASSERT_OK_AND_ASSIGN(const auto repairs, lanes->repair(kPort));
  EXPECT_THAT(repairs, IsEmpty());
  EXPECT_THAT(kernel->log().matching(""), IsEmpty());
}

TEST_F(RepairedRates, AChangedRateIsWrittenAgainAndReported) {
  give(0, "c1");
  const Rate written = rate(0);
  give(1, "c2");
  const Rate wrong{.floor = {}, .ceiling = BitRate::gbps(50)};
  change_behind_our_back(0, wrong);
  ASSERT_OK_AND_ASSIGN(const auto repairs, lanes->repair(kPort));
  ASSERT_THAT(repairs, SizeIs(1));
  EXPECT_EQ(repairs[0].lane.id, vf(0));
  EXPECT_EQ(repairs[0].what, "rate");
  EXPECT_EQ(repairs[0].drift,
            "VF 0: floor 1 Gbit/s and ceiling 2 Gbit/s written, no floor and ceiling 50 Gbit/s "
            "found");
  EXPECT_EQ(repairs[0].failure, "");
  EXPECT_EQ(rate(0), written);
  ASSERT_OK_AND_ASSIGN(const auto again, lanes->repair(kPort));
  EXPECT_THAT(again, IsEmpty());
}

TEST_F(RepairedRates, AResetOfThePortIsRepairedForAllItsLanes) {
  give(0, "c1");
  give(1, "c2");
  const std::vector<Rate> written = {rate(0), rate(1)};
  change_behind_our_back(0, {});
  change_behind_our_back(1, {});
  ASSERT_OK_AND_ASSIGN(const auto repairs, lanes->repair(kPort));
  EXPECT_THAT(repairs, SizeIs(2));
  EXPECT_THAT((std::vector<Rate>{rate(0), rate(1)}), testing::Eq(written));
}

TEST_F(RepairedRates, AVfThatIsMissingFromTheListProvesNothing) {
  give(0, "c1");
  kernel->node().vf("eth0", 0).mute = true;
  kernel->log().clear();
  ASSERT_OK_AND_ASSIGN(const auto repairs, lanes->repair(kPort));
  EXPECT_THAT(repairs, IsEmpty());
  EXPECT_THAT(kernel->log().matching("set_vf"), IsEmpty());
}

TEST_F(RepairedRates, ARefusalIsReportedAndTheNextLaneServed) {
  give(0, "c1");
  give(1, "c2");
  change_behind_our_back(0, {});
  change_behind_our_back(1, {});
  kernel->log().fail_on("set_vf", Error::from_errno(EIO, "set"));
  ASSERT_OK_AND_ASSIGN(const auto repairs, lanes->repair(kPort));
  ASSERT_THAT(repairs, SizeIs(2));
  EXPECT_THAT(repairs[0].failure, testing::HasSubstr("EIO"));
}

TEST_F(RepairedRates, ALockedPortIsLeftForTheNextTime) {
  give(0, "c1");
  change_behind_our_back(0, {});
  ASSERT_OK_AND_ASSIGN(const LockedPort busy, ledger->lock(kPort, std::chrono::milliseconds(0)));
  EXPECT_THAT(lanes->repair(kPort), FailsWith(Code::busy, ""));
  EXPECT_EQ(rate(0), Rate{});
}

class RepairedSettings : public RepairedRates {
 protected:
  VfInfo& info(int index) { return kernel->node().vf("eth0", index).info; }

  void give_with(int index, const VfSettings& settings) {
    LaneRequest wanted = request(index);
    wanted.settings = settings;
    ASSERT_THAT(attach(wanted), IsOk());
  }

  // Of all settings at once and of each alone.
  void refuse_spoofchk() {
    kernel->log().fail_on("spoofchk", Error::from_errno(EOPNOTSUPP, "set"));
    kernel->log().fail_on("spoofchk", Error::from_errno(EOPNOTSUPP, "set"));
  }

  // "what: drift", in order.
  static std::vector<std::string> said(const std::vector<LaneRepair>& repairs) {
    std::vector<std::string> all;
    all.reserve(repairs.size());
    for (const LaneRepair& repair : repairs) all.push_back(repair.what + ": " + repair.drift);
    return all;
  }
};

TEST_F(RepairedSettings, WhatWasAskedForIsWrittenAgain) {
  const VlanTag tag{.id = 100, .qos = 3, .protocol = VlanTag::kDot1ad};
  give_with(0, {.vlan = tag, .spoofchk = false, .trust = true, .link_state = VfLinkState::enable});
  info(0).vlan = VlanTag{.id = 7};
  info(0).spoofchk = true;
  info(0).trust = false;
  info(0).link_state = VfLinkState::disable;
  ASSERT_OK_AND_ASSIGN(const auto repairs, lanes->repair(kPort));
  EXPECT_THAT(said(repairs),
              testing::ElementsAre("vlan: VF 0: vlan 100 qos 3 802.1ad written, 7 qos 0 found",
                                   "spoofchk: VF 0: spoofchk off written, on found",
                                   "link_state: VF 0: link_state enable written, disable found",
                                   "trust: VF 0: trust on written, off found"));
  EXPECT_EQ(info(0).vlan, tag);
  EXPECT_EQ(info(0).spoofchk, false);
  EXPECT_EQ(info(0).trust, true);
  EXPECT_EQ(info(0).link_state, VfLinkState::enable);
  ASSERT_OK_AND_ASSIGN(const auto again, lanes->repair(kPort));
  EXPECT_THAT(again, IsEmpty());
}

TEST_F(RepairedSettings, WhatWasNotAskedForIsBaselineAgain) {
  give_with(0, {});
  info(0).vlan = VlanTag{.id = 7};
  info(0).spoofchk = false;
  info(0).trust = true;
  ASSERT_OK_AND_ASSIGN(const auto repairs, lanes->repair(kPort));
  EXPECT_THAT(repairs, SizeIs(3));
  EXPECT_EQ(info(0).vlan, VlanTag{});
  EXPECT_EQ(info(0).spoofchk, true);
  EXPECT_EQ(info(0).trust, false);
}

TEST_F(RepairedSettings, ALinkStateThatWasNotAskedForIsLeft) {
  give_with(0, {});
  info(0).link_state = VfLinkState::disable;
  ASSERT_OK_AND_ASSIGN(const auto repairs, lanes->repair(kPort));
  EXPECT_THAT(repairs, IsEmpty());
}

TEST_F(RepairedSettings, VfsWithoutALaneAreLeft) {
  give_with(0, {});
  info(1).trust = true;
  ASSERT_OK_AND_ASSIGN(const auto repairs, lanes->repair(kPort));
  EXPECT_THAT(repairs, IsEmpty());
}

TEST_F(RepairedSettings, WhatTheDriverDoesNotReportProvesNothing) {
  give_with(0, {.trust = true});
  info(0).trust.reset();
  info(0).vlan.reset();
  info(0).spoofchk.reset();
  ASSERT_OK_AND_ASSIGN(const auto repairs, lanes->repair(kPort));
  EXPECT_THAT(repairs, IsEmpty());
}

TEST_F(RepairedSettings, BaselineThatTheDriverRefusesIsTriedOnce) {
  give_with(0, {});
  info(0).spoofchk = false;
  refuse_spoofchk();
  ASSERT_OK_AND_ASSIGN(const auto repairs, lanes->repair(kPort));
  EXPECT_THAT(repairs, IsEmpty());
  ASSERT_OK_AND_ASSIGN(const LockedPort busy, ledger->lock(kPort, std::chrono::milliseconds(0)));
  EXPECT_THAT(lanes->repair(kPort), IsOk());  // It has nothing to lock the port for.
}

TEST_F(RepairedSettings, ARefusalOfWhatWasAskedForIsAFailureEachTime) {
  give_with(0, {.spoofchk = true});
  info(0).spoofchk = false;
  for (int i = 0; i < 2; ++i) {
    refuse_spoofchk();
    ASSERT_OK_AND_ASSIGN(const auto repairs, lanes->repair(kPort));
    ASSERT_THAT(repairs, SizeIs(1));
    EXPECT_THAT(repairs[0].failure, testing::HasSubstr("EOPNOTSUPP"));
  }
}

class Orphans : public RepairedRates {};

TEST_F(Orphans, AreLanesWhoseNamespaceIsGone) {
  give(0, "c1");
  ASSERT_OK_AND_ASSIGN(const auto none, lanes->orphans());
  EXPECT_THAT(none, IsEmpty());

  kernel->node().kill_netns(netns("p1"));
  returned_as(0, "net0");
  ASSERT_OK_AND_ASSIGN(const auto orphans, lanes->orphans());
  ASSERT_THAT(orphans, SizeIs(1));
  EXPECT_EQ(orphans[0].id, vf(0));
  ASSERT_THAT(lanes->recover(), IsOk());
  expect_baseline(0);
}

TEST_F(Orphans, ALaneWhoseVfIsAwayIsNone) {
  give(0, "c1");
  tree->take_link_away(vf(0));
  kernel->node().unlink_netns("/run/netns/p1");  // Or the path is one that we cannot see.
  ASSERT_OK_AND_ASSIGN(const auto orphans, lanes->orphans());
  EXPECT_THAT(orphans, IsEmpty());
  ASSERT_THAT(lanes->recover(), IsOk());
  EXPECT_EQ(recorded(), 1U);
}

}  // namespace
}  // namespace sluice
