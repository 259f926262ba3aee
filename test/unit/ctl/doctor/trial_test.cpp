#include "test/unit/ctl/doctor/trial_fixture.h"

namespace sluice {
namespace {

using testing::AllOf;
using testing::Field;
using testing::HasSubstr;

auto is(Verdict verdict, const std::string& answer = {}) {
  return AllOf(Field("verdict", &Finding::verdict, verdict),
               Field("answer", &Finding::answer, HasSubstr(answer)));
}

TEST_F(TrialTest, OfAGoodVfFindsAllPromisesKeptAndLeavesItAtBaseline) {
  for (const auto& [step, finding] : findings()) {
    const Verdict expected = step == "rdma" ? Verdict::untried : Verdict::kept;
    EXPECT_EQ(finding.verdict, expected) << step << ": " << finding.answer;
  }
  expect_baseline(0);
  EXPECT_EQ(recorded(), 0U);
}

TEST_F(TrialTest, SaysWhatWasReadBack) {
  const auto found = findings();
  EXPECT_EQ(found.at("vlan").answer, "read back: VLAN 100 priority 3");
  EXPECT_EQ(found.at("trust").answer, "read back: on");
  EXPECT_EQ(found.at("mtu").answer, "MTU 1400 asked, 1400 found");
  EXPECT_EQ(found.at("floor").answer, "in force: floor 10 Mbit/s, ceiling 100 Gbit/s");
}

TEST_F(TrialTest, FindsAnIgbThatStoresItsRatesAndDoesNotShape) {
  prepare("igb", "1000", {.floors = false, .programs_rate = false});
  refuse("link_state=1", EOPNOTSUPP);
  const auto found = findings();
  EXPECT_THAT(found.at("ceiling"), is(Verdict::kept, "ceiling 10 Mbit/s"));
  EXPECT_THAT(found.at("shaping"), is(Verdict::not_kept, "ceiling 10 Mbit/s"));
  EXPECT_THAT(found.at("floor"), is(Verdict::kept, "alone on its port it needs no limit"));
  EXPECT_THAT(found.at("link-state"), is(Verdict::refused, "EOPNOTSUPP"));
  expect_baseline(0);
}

TEST_F(TrialTest, BesideAnotherLaneFindsTheCeilingThatKeepsTheFloorOfAnIgb) {
  prepare("igb", "1000", {.floors = false});
  LaneRequest neighbour = request(1, "c1", "net1", "p0");
  neighbour.floor = BitRate::mbps(300);
  ASSERT_THAT(attach(neighbour), IsOk());
  EXPECT_THAT(findings().at("floor"),
              is(Verdict::kept, "ceiling 355 Mbit/s; floors are kept by ceilings"));
  EXPECT_EQ(recorded(), 1U);
}

TEST_F(TrialTest, OfADriverWithoutVfOperationsFindsRefusals) {
  prepare("ena", "", {.vf_operations = false});
  const auto found = findings();
  EXPECT_THAT(found.at("attach"), is(Verdict::kept));
  for (const char* const step : {"vlan", "trust", "link-state", "ceiling", "floor"}) {
    EXPECT_THAT(found.at(step), is(Verdict::refused)) << step;
  }
}

TEST_F(TrialTest, SaysWhyFramesMayNotHaveArrivedAndWhatCouldNotBeTriedThen) {
  frames->hairpin = false;
  const auto found = findings();
  EXPECT_THAT(found.at("frames-out"), is(Verdict::not_kept, "0 of 10 frames arrived; likely"));
  EXPECT_THAT(found.at("frames-in"), is(Verdict::not_kept, "hairpin off"));
  EXPECT_THAT(found.at("shaping"), is(Verdict::untried));
  EXPECT_THAT(found.at("spoofchk"), is(Verdict::untried));
  EXPECT_THAT(found.at("mac"), is(Verdict::kept, "no frames tried"));
}

TEST_F(TrialTest, FindsASpoofCheckThatDropsNothing) {
  frames->drops_foreign = false;
  EXPECT_THAT(findings().at("spoofchk"),
              is(Verdict::not_kept, "foreign source MAC: 10 of 10 frames arrived"));
}

TEST_F(TrialTest, IsNoTrafficWithoutAPortThatIsUp) {
  kernel->node().find("eth0")->link.up = false;
  EXPECT_THAT(findings().at("frames-out"), is(Verdict::untried, "the port is down"));
}

TEST_F(TrialTest, InSwitchdevModeTriesNoFrames) {
  kernel->fake_devlink().add(DevlinkDevice::pci(*PciAddress::parse(kPort)), EswitchMode::switchdev,
                             4);
  const auto found = findings();
  EXPECT_EQ(facts.eswitch_mode, "switchdev");
  EXPECT_THAT(found.at("frames-out"), is(Verdict::untried, "flow rules"));
}

TEST_F(TrialTest, FindsADriverThatAcknowledgesAndDoesNothing) {
  const std::string vlan = "vlan=100/3/8100";
  // The list after the write shows another tag.
  kernel->log().before(vlan, [this] {
    kernel->log().before("vfs 2", [this] { kernel->node().vf("eth0", 0).info.vlan = VlanTag{}; });
  });
  EXPECT_THAT(findings().at("vlan"),
              is(Verdict::not_kept, "acknowledged 'VLAN 100 priority 3', read back 'VLAN 0"));
}

TEST_F(TrialTest, SaysWhatALifeHasLeftBehind) {
  // Trusted once more between the release and the look at what it left.
  kernel->log().before("vlan=100", [this] {
    kernel->log().before("name=eth0v0", [this] {
      kernel->log().before("vfs 2", [this] { kernel->node().vf("eth0", 0).info.trust = true; });
    });
  });
  EXPECT_THAT(findings().at("vlan"), is(Verdict::not_kept, "left behind: trust on"));
}

TEST_F(TrialTest, GoesOnAfterAFailedStep) {
  refuse("vlan=100", EINVAL);
  const auto found = findings();
  EXPECT_THAT(found.at("vlan"), is(Verdict::not_kept, "EINVAL"));
  EXPECT_THAT(found.at("again"), is(Verdict::kept));
  expect_baseline(0);
}

}  // namespace
}  // namespace sluice
