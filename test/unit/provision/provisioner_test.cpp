#include "test/unit/provision/provision_world.h"

namespace sluice {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Kind = PortOutcome::Kind;

using ProvisionTest = ProvisionWorld;

TEST_F(ProvisionTest, MakesVfsAndTheSecondRunChangesNothing) {
  build(0);

  EXPECT_THAT(provision(VfCount::exactly(4)),
              ElementsAre(PortOutcome{Kind::changed, "0000:3b:00.0 eth0 mlx5_core",
                                      "4 VFs made, there were 0, MACs given"}));
  EXPECT_EQ(numvfs(), "4");

  lines_.clear();
  kernel_.log().clear();
  const auto second = provision(VfCount::exactly(4));
  EXPECT_THAT(second, ElementsAre(PortOutcome{Kind::unchanged, "0000:3b:00.0 eth0 mlx5_core",
                                              "4 VFs as asked"}));
  EXPECT_THAT(lines_, IsEmpty());
  EXPECT_THAT(kernel_.log().matching("set_vf"), IsEmpty());
  EXPECT_EQ(exit_code(second), 0);
  EXPECT_EQ(to_text(second),
            "0000:3b:00.0 eth0 mlx5_core: unchanged: 4 VFs as asked\n"
            "ports 1, changed 0, failed 0; nothing to do\n");
}

TEST_F(ProvisionTest, AnotherCountGoesThroughNone) {
  build(2);

  EXPECT_THAT(provision(VfCount::exactly(4)),
              ElementsAre(PortOutcome{Kind::changed, "0000:3b:00.0 eth0 mlx5_core",
                                      "4 VFs made, there were 2, MACs given"}));
  EXPECT_EQ(lines_.front(), "0000:3b:00.0 mlx5_core: removing 2 VFs …");
}

TEST_F(ProvisionTest, BringsAPortThatIsDownUpFirst) {
  build(0);
  LinkChange down;
  down.up = false;
  ASSERT_THAT(kernel_.links().change(index_, down), IsOk());

  provision(VfCount::exactly(4));

  EXPECT_TRUE((*kernel_.links().find(index_))->up);
  EXPECT_EQ(lines_.front(), "0000:3b:00.0 mlx5_core: bringing eth0 up");
}

TEST_F(ProvisionTest, BringsFreeVfsToBaseline) {
  build(4);
  VfSettings leaked;
  leaked.rate = Rate{BitRate(), BitRate::mbps(100)};
  leaked.vlan = VlanTag{100, 0, VlanTag::kDot1q};
  ASSERT_THAT(kernel_.links().set_vf(index_, 2, leaked), IsOk());

  EXPECT_THAT(provision(VfCount::exactly(4)),
              ElementsAre(PortOutcome{Kind::changed, "0000:3b:00.0 eth0 mlx5_core",
                                      "4 VFs, 1 brought to baseline"}));

  const auto vfs = kernel_.links().vfs(index_);
  EXPECT_EQ(vfs->find(2)->rate, Rate{});
  EXPECT_EQ(vfs->find(2)->vlan, VlanTag{});
}

TEST_F(ProvisionTest, LeavesWordOfASpoofCheckThatIsOff) {
  build(4);
  const auto ledger = Ledger::open(run_dir_.path(), "boot");
  const auto recorded = [&] { return ledger->peek(kPort)->spoofchk; };
  const auto found = [&] { return kernel_.links().vfs(index_)->find(2)->spoofchk; };

  spoofchk_ = false;
  provision(VfCount::exactly(4));
  EXPECT_FALSE(recorded());
  EXPECT_EQ(found(), false);
  EXPECT_EQ(provision(VfCount::exactly(4))[0].kind, Kind::unchanged);

  spoofchk_ = true;
  provision(VfCount::exactly(4));
  EXPECT_TRUE(recorded());
  EXPECT_EQ(found(), true);
}

TEST_F(ProvisionTest, SaysWhenABaselineDidNotTake) {
  build(4);
  VfSettings leaked;
  leaked.rate = Rate{BitRate(), BitRate::mbps(100)};
  ASSERT_THAT(kernel_.links().set_vf(index_, 2, leaked), IsOk());
  kernel_.log().before("set_vf", [this] {
    FakeDriver qede;
    qede.clears_rate = false;
    kernel_.node().find(index_)->driver = qede;
  });

  const auto outcomes = provision(VfCount::exactly(4));

  EXPECT_EQ(outcomes[0].kind, Kind::failed);
  EXPECT_EQ(outcomes[0].text, "VF 2 did not take its baseline, though the driver said so");
}

TEST_F(ProvisionTest, K28_SaysOfWhichVfsTheKernelToldNothing) {
  build(4);
  kernel_.node().vf("eth0", 3).mute = true;

  const auto outcomes = provision(VfCount::exactly(4));

  EXPECT_EQ(outcomes[0].kind, Kind::unchanged);
  EXPECT_EQ(outcomes[0].text,
            "4 VFs as asked; settings unknown, for the kernel lists 3 of 4 VFs: not 3");
}

TEST_F(ProvisionTest, K35_LeavesAPortOfABondAlone) {
  build(0);
  tree_.make_link(SysfsTree::device(kPort) + "/net/eth0/master", "../bond0");

  const auto outcomes = provision(VfCount::exactly(4));

  EXPECT_THAT(outcomes, ElementsAre(PortOutcome{
                            Kind::left, "0000:3b:00.0 eth0 mlx5_core",
                            "eth0 is in bond0; a rule with its address takes it all the same"}));
  EXPECT_EQ(numvfs(), "0");
  EXPECT_EQ(exit_code(outcomes), 0);
}

TEST_F(ProvisionTest, NotesAreNoPortsAndNoFailures) {
  const std::vector<PortOutcome> outcomes = {
      {Kind::note, "configuration", "rule /ports/0 selects no port of this node"}};
  EXPECT_EQ(exit_code(outcomes), 0);
  EXPECT_EQ(to_text(outcomes),
            "configuration: note: rule /ports/0 selects no port of this node\n"
            "no SR-IOV ports on this node\n");
}

TEST_F(ProvisionTest, ADryRunDoesNothing) {
  build(2);

  const auto outcomes = provision(VfCount::exactly(4), /*dry_run=*/true);

  EXPECT_THAT(outcomes, ElementsAre(PortOutcome{Kind::planned, "0000:3b:00.0 eth0 mlx5_core",
                                                "would remove 2 VFs and make 4"}));
  EXPECT_EQ(numvfs(), "2");
  EXPECT_THAT(kernel_.log().lines(), IsEmpty());
  EXPECT_THAT(to_text(outcomes), HasSubstr("ports 1, changed 0, failed 0\n"));
}

TEST_F(ProvisionTest, K04_RefusesAPortWithALaneInTheLedger) {
  build(2);
  {
    const auto ledger = Ledger::open(run_dir_.path(), "boot");
    auto locked = ledger->lock(kPort, std::chrono::seconds(1));
    ASSERT_THAT(locked, IsOk());
    LaneRecord lane;
    lane.id = "0000:3b:02.1";
    lane.provider = "vf";
    locked->record().lanes.push_back(lane);
    ASSERT_THAT(locked->save(), IsOk());
  }

  const auto outcomes = provision(VfCount::exactly(4));

  EXPECT_EQ(outcomes[0].kind, Kind::failed);
  EXPECT_THAT(outcomes[0].text, HasSubstr("VFs are in use: 0000:3b:02.1"));
  EXPECT_EQ(numvfs(), "2");
  EXPECT_EQ(exit_code(outcomes), 1);
}

TEST_F(ProvisionTest, AGrantKeepsItsVfFromBeingTakenAway) {
  build(4);
  grant({SysfsTree::vf(kPort, 2).to_string()});
  for (const bool dry_run : {true, false}) {
    EXPECT_THAT(provision(VfCount::exactly(2), dry_run),
                ElementsAre(PortOutcome{
                    Kind::failed, "0000:3b:00.0 eth0 mlx5_core",
                    "2 VFs asked, 4 there, and VFs are in use: 0000:3b:02.2 (granted)"}));
  }
  EXPECT_EQ(numvfs(), "4");
  EXPECT_EQ(grants(), 1U);
}

TEST_F(ProvisionTest, AGrantIsKeptWhileItsVfsAreMadeAfterAReboot) {
  build(0);
  grant({SysfsTree::vf(kPort, 2).to_string(), "0000:5e:02.0"});
  EXPECT_EQ(provision_four().kind, Kind::changed);
  EXPECT_EQ(numvfs(), "4");
  EXPECT_EQ(grants(), 2U);
}

TEST_F(ProvisionTest, AGrantedVfWithoutALaneIsBroughtToBaselineAsOthersAre) {
  build(4);
  grant({SysfsTree::vf(kPort, 2).to_string()});
  VfSettings leaked;
  leaked.vlan = VlanTag{100, 0, VlanTag::kDot1q};
  ASSERT_THAT(kernel_.links().set_vf(index_, 2, leaked), IsOk());
  EXPECT_EQ(provision_four().text, "4 VFs, 1 brought to baseline");
  EXPECT_EQ(kernel_.links().vfs(index_)->find(2)->vlan, VlanTag{});
}

TEST_F(ProvisionTest, GrantsOfOtherPortsDoNotMatter) {
  build(2);
  grant({"0000:5e:02.0"});
  EXPECT_EQ(provision_four().kind, Kind::changed);
  EXPECT_EQ(numvfs(), "4");
}

TEST_F(ProvisionTest, DamagedGrantsKeepVfsFromBeingTakenAwayAndNotFromBeingMade) {
  build(2);
  grant({});
  run_dir_.write("state/grants.json", "junk");
  EXPECT_THAT(provision_four().text, HasSubstr("grants.json"));
  EXPECT_EQ(numvfs(), "2");
  tree_.remove_vfs(kPort);
  tree_.write(SysfsTree::device(kPort) + "/sriov_numvfs", "0");
  EXPECT_EQ(provision_four().kind, Kind::changed);
}

TEST_F(ProvisionTest, OnePortThatFailsDoesNotStopTheOthers) {
  build(0);
  tree_.pf("0000:5e:00.0", {.total_vfs = 2});

  const auto outcomes = provision(VfCount::exactly(4));

  ASSERT_THAT(outcomes, SizeIs(2));
  EXPECT_EQ(outcomes[0].kind, Kind::changed);
  EXPECT_EQ(outcomes[1].kind, Kind::failed);
  EXPECT_THAT(outcomes[1].text, HasSubstr("4 VFs asked, the port can have at most 2 VFs"));
  EXPECT_EQ(exit_code(outcomes), 1);
}

TEST_F(ProvisionTest, K05_FewerVfsThanAskedFails) {
  build(0);
  hardware_.vfs = 3;

  EXPECT_EQ(provision(VfCount::exactly(4))[0].text, "the driver made only 3 of 4 VFs");
}

TEST_F(ProvisionTest, K07_VfsThatDoNotBecomeUsableFailByName) {
  build(0);
  hardware_.vfs = 1;
  hardware_.vf_driver = "";
  timeout_ = std::chrono::milliseconds(500);

  EXPECT_THAT(provision(VfCount::exactly(1))[0].text,
              AllOf(HasSubstr("not usable after "), HasSubstr(" s: 0000:3b:02.0 has no driver")));
}

TEST_F(ProvisionTest, K08_WithoutAutoprobeDriversAreNotWaitedFor) {
  build(0);
  hardware_.vfs = 1;
  hardware_.vf_driver = "";
  tree_.write(SysfsTree::device(kPort) + "/sriov_drivers_autoprobe", "0");

  EXPECT_EQ(provision(VfCount::exactly(1))[0],
            (PortOutcome{Kind::changed, "0000:3b:00.0 eth0 mlx5_core",
                         "1 VFs made, there were 0, MACs given; 0000:3b:02.0 has no driver"}));
}

TEST_F(ProvisionTest, LeavesPortsWithoutARuleAlone) {
  build(2);

  EXPECT_THAT(
      provision(VfCount::leave()),
      ElementsAre(PortOutcome{Kind::left, "0000:3b:00.0 eth0 mlx5_core", "to be left alone"}));
}

}  // namespace
}  // namespace sluice
