// Which VFs are tried, and what is left of a trial.
#include "test/unit/ctl/doctor/trial_fixture.h"

namespace sluice {
namespace {

class SubjectTest : public TrialTest {
 protected:
  Result<std::string> rest(const Subject& before) {
    return left_behind(*kernel, *sysfs, *ledger, before);
  }
};

TEST_F(SubjectTest, IsAFreeVfWithWhatIsKnownOfItsPort) {
  ASSERT_OK_AND_ASSIGN(const Subject subject, look());
  EXPECT_EQ(subject.home.name, "eth0v0");
  EXPECT_EQ(subject.facts.vf, "0000:3b:02.0");
  EXPECT_EQ(subject.facts.port, kPort);
  EXPECT_EQ(subject.facts.driver, "mlx5_core");
  EXPECT_EQ(subject.facts.line_rate, BitRate::gbps(100));
  EXPECT_EQ(subject.facts.floor_enforcement, "weight");
  EXPECT_THAT(kernel->log().matching("change"), testing::IsEmpty());
}

TEST_F(SubjectTest, IsNoVfThatALaneHas) {
  ASSERT_THAT(attach(request(0)), IsOk());
  EXPECT_THAT(look(), FailsWith(Code::busy, "container 'c1' has it as 'net1'"));
}

TEST_F(SubjectTest, IsNoVfThatTheKubeletMayGiveAway) {
  ASSERT_THAT(aside->offers.save({{.vf = vf(0), .port = kPort, .class_name = "train"}}), IsOk());
  EXPECT_THAT(look(), FailsWith(Code::busy, "offered under class 'train'"));
  EXPECT_THAT(look(1), IsOk());
}

TEST_F(SubjectTest, IsNoVfWhoseLinkIsAway) {
  tree->take_link_away(vf(0));
  EXPECT_THAT(look(), FailsWith(Code::busy, "is not in the host's namespace"));
}

TEST_F(SubjectTest, IsNoPortAndNoOtherDevice) {
  const auto try_address = [&](const char* address) {
    return examine(*kernel, *sysfs, *ledger, *aside, *PciAddress::parse(address));
  };
  EXPECT_THAT(try_address(kPort), FailsWith(Code::invalid_argument, "a port, not a VF"));
  EXPECT_THAT(try_address("0000:99:00.0"), FailsWith(Code::not_found, "no PCI device"));
}

TEST_F(SubjectTest, OfAnInfinibandPortPromisesNoRates) {
  tree->write(SysfsTree::device(kPort) + "/net/eth0/type", "32");
  ASSERT_OK_AND_ASSIGN(const Subject subject, look());
  EXPECT_EQ(subject.port_driver, "ipoib");
  EXPECT_EQ(subject.facts.ceiling_enforcement, "none");
}

TEST_F(SubjectTest, LeavesNothingBehindWhenNothingHappened) {
  ASSERT_OK_AND_ASSIGN(const Subject subject, look());
  ASSERT_OK_AND_ASSIGN(const std::string nothing, rest(subject));
  EXPECT_EQ(nothing, "");
}

TEST_F(SubjectTest, LeftBehindIsEachSettingThatABaselineDoesNotHave) {
  ASSERT_OK_AND_ASSIGN(const Subject subject, look());
  kernel->node().vf("eth0", 0).info = {.index = 0,
                                       .vlan = VlanTag{.id = 7},
                                       .rate = Rate{.floor = {}, .ceiling = BitRate::mbps(7)},
                                       .spoofchk = false,
                                       .trust = true,
                                       .link_state = VfLinkState::enable};
  kernel->node().find("eth0v0")->link.mtu = 1400;
  kernel->node().find("eth0v0")->link.up = true;
  ASSERT_OK_AND_ASSIGN(const std::string all, rest(subject));
  EXPECT_EQ(all,
            "MTU '1400', not '1500'; up; rate '0 bit/s..7 Mbit/s', not '0 bit/s..0 bit/s'; VLAN "
            "'7', not '0'; trust on; spoof check off; link state not automatic");
}

TEST_F(SubjectTest, LeftBehindIsWhatThePortHasStillToTakeBack) {
  ASSERT_OK_AND_ASSIGN(const Subject subject, look());
  {
    ASSERT_OK_AND_ASSIGN(LockedPort locked, ledger->lock(kPort, std::chrono::milliseconds(0)));
    locked.record().note_unreset({.id = vf(0), .number = 0, .settings = {.rate = Rate{}}});
    ASSERT_THAT(locked.save(), IsOk());
  }
  ASSERT_OK_AND_ASSIGN(const std::string all, rest(subject));
  EXPECT_EQ(all, "a setting that its port has still to take back");
}

TEST_F(SubjectTest, LeftBehindIsALaneInTheLedgerAndALinkThatIsAway) {
  ASSERT_OK_AND_ASSIGN(const Subject subject, look());
  ASSERT_THAT(attach(request(0)), IsOk());
  ASSERT_OK_AND_ASSIGN(const std::string all, rest(subject));
  EXPECT_THAT(all, testing::StartsWith("a lane in the ledger; its link is not at home"));
}

}  // namespace
}  // namespace sluice
