#include "pkg/provision/port_plan.h"

#include <gmock/gmock.h>

#include "pkg/provision/rule_notes.h"
#include "pkg/provision/vf_baseline.h"
#include "pkg/provision/wait_usable.h"

namespace sluice {
namespace {

using Action = PortPlan::Action;

Port port_with(int vfs, VfState state = VfState::ready) {
  Port port;
  port.address = *PciAddress::parse("0000:3b:00.0");
  port.state = PortState::ready;
  port.driver = "mlx5_core";
  port.total_vfs = 8;
  for (int i = 0; i < vfs; ++i) {
    Vf vf;
    vf.index = i;
    vf.address = *PciAddress::parse(fmt::format("0000:3b:02.{}", i));
    vf.driver = "mlx5_core";
    vf.state = state;
    port.vfs.push_back(vf);
  }
  return port;
}

ProvisionRule rule(VfCount count) {
  ProvisionRule rule;
  rule.vfs = count;
  return rule;
}

PortPlan plan(const Port& port, VfCount count, const std::vector<std::string>& held = {}) {
  const ProvisionRule asked = rule(count);
  return plan_port(port, &asked, held);
}

TEST(PlanPort, LeavesAloneWhatWasNotAskedFor) {
  EXPECT_EQ(plan_port(port_with(2), nullptr, {}),
            (PortPlan{Action::skip, 0, "no rule selects it"}));
  EXPECT_EQ(plan(port_with(2), VfCount::leave()), (PortPlan{Action::skip, 0, "to be left alone"}));
}

TEST(PlanPort, GoesThroughNoneWhenThereAreOthers) {
  EXPECT_EQ(plan(port_with(0), VfCount::exactly(4)), (PortPlan{Action::create, 4, ""}));
  EXPECT_EQ(plan(port_with(2), VfCount::exactly(4)), (PortPlan{Action::replace, 4, ""}));
  EXPECT_EQ(plan(port_with(2), VfCount::exactly(0)), (PortPlan{Action::replace, 0, ""}));
  EXPECT_EQ(plan(port_with(4), VfCount::exactly(4)), (PortPlan{Action::prepare, 4, ""}));
  EXPECT_EQ(plan(port_with(0), VfCount::exactly(0)), (PortPlan{Action::prepare, 0, ""}));
  EXPECT_EQ(plan(port_with(0), VfCount::max()), (PortPlan{Action::create, 8, ""}));
}

TEST(PlanPort, RefusesMoreThanThePortCanHave) {
  EXPECT_EQ(plan(port_with(2), VfCount::exactly(9)),
            (PortPlan{Action::refuse, 9, "9 VFs asked, the port can have at most 8 VFs"}));
}

TEST(PlanPort, K04_NeverTouchesAPortWithAVfInUse) {
  Port port = port_with(3);
  port.vfs[1].state = VfState::away;
  port.vfs[2].state = VfState::vfio;

  EXPECT_EQ(plan(port, VfCount::exactly(4), {"0000:3b:02.0", "0000:3b:02.1"}),
            (PortPlan{Action::refuse, 4,
                      "4 VFs asked, 3 there, and VFs are in use: 0000:3b:02.0, 0000:3b:02.1, "
                      "0000:3b:02.2 (on vfio-pci)"}));
  EXPECT_EQ(plan(port, VfCount::exactly(3)),
            (PortPlan{Action::leave, 3, "has 3 VFs as asked, 2 in use"}));
  EXPECT_EQ(plan(port, VfCount::exactly(0)).why,
            "0 VFs asked, 3 there, and VFs are in use: 0000:3b:02.1 (in another namespace), "
            "0000:3b:02.2 (on vfio-pci)");
}

TEST(PlanPort, K35_RefusesAPortThatIsNotHere) {
  Port port = port_with(0);
  port.state = PortState::away;
  EXPECT_EQ(plan(port, VfCount::max()).why, "its link is in another network namespace");
  port.state = PortState::unbound;
  EXPECT_EQ(plan(port, VfCount::max()), (PortPlan{Action::refuse, 0, "it has no driver"}));
}

TEST(PlanPort, K35_SkipsAnUplinkUnlessItsAddressIsNamed) {
  Port port = port_with(0);
  port.link = "eth1";
  port.bond = "bond0";
  EXPECT_EQ(plan(port, VfCount::exactly(4)),
            (PortPlan{Action::skip, 0,
                      "eth1 is in bond0; a rule with its address takes it all the same"}));

  ProvisionRule named = rule(VfCount::exactly(4));
  named.select.address = port.address;
  EXPECT_EQ(plan_port(port, &named, {}), (PortPlan{Action::create, 4, ""}));
}

ProvisionRule rule_for_driver(const std::string& driver) {
  ProvisionRule selecting = rule(VfCount::exactly(4));
  selecting.select.driver = driver;
  return selecting;
}

TEST(RuleNotes, NameRulesThatSelectNothingAndRulesThatComeTooLate) {
  ProvisionRule by_address = rule(VfCount::exactly(2));
  by_address.select.address = *PciAddress::parse("0000:3b:00.0");
  const ProvisionConfig config{
      .rules = {rule_for_driver("mlx5_core"), rule_for_driver("ice"), by_address}};
  EXPECT_THAT(rule_notes(config, {port_with(0)}),
              testing::ElementsAre(
                  "rule /ports/1 selects no port of this node",
                  "rule /ports/2 selects 0000:3b:00.0 too, but /ports/0 comes first and counts"));
}

TEST(RuleNotes, SayNothingOfARuleForTheRest) {
  const ProvisionConfig config{.rules = {rule_for_driver("mlx5_core"), rule(VfCount::leave())}};
  EXPECT_THAT(rule_notes(config, {port_with(0)}), testing::IsEmpty());
}

TEST(UnlistedNote, SaysHowManyAndWhich) {
  EXPECT_EQ(unlisted_note({4, 5}, 6),
            "settings unknown, for the kernel lists 4 of 6 VFs: not 4, 5");
  EXPECT_EQ(unlisted_note({0, 1}, 2), "settings unknown, for its driver tells none");
}

TEST(NotUsableYet, K07_NamesEachVfAndWhatItLacks) {
  Port port = port_with(4);
  EXPECT_EQ(not_usable_yet(port), "");

  port.rdma_device = "mlx5_0";
  port.vfs[0].state = VfState::unbound;
  port.vfs[1].state = VfState::pending;
  port.vfs[2].state = VfState::away;
  EXPECT_EQ(not_usable_yet(port),
            "0000:3b:02.0 has no driver, 0000:3b:02.1 has no link yet from mlx5_core, "
            "0000:3b:02.3 has no RDMA device yet");
}

TEST(NotUsableYet, WantsNoRdmaFromVfsWithADriverOfTheirOwn) {
  Port port = port_with(1);
  port.rdma_device = "irdma0";
  port.driver = "ice";
  port.vfs[0].driver = "iavf";

  EXPECT_EQ(not_usable_yet(port), "");
}

TEST(BaselineDifference, IsEmptyAtBaselineAndWhereTheDriverIsSilent) {
  EXPECT_EQ(baseline_difference(VfInfo{}, baseline_of(Port(), true)), VfSettings{});
  VfInfo vf;
  vf.rate = Rate{};
  vf.vlan = VlanTag{};
  vf.trust = false;
  vf.spoofchk = true;
  vf.link_state = VfLinkState::automatic;
  EXPECT_EQ(baseline_difference(vf, baseline_of(Port(), true)), VfSettings{});
}

TEST(BaselineDifference, TakesBackEverySetting) {
  VfInfo vf;
  vf.rate = Rate{BitRate(), BitRate::mbps(1)};
  vf.vlan = VlanTag{100, 0, VlanTag::kDot1q};
  vf.trust = true;
  vf.spoofchk = true;
  vf.link_state = VfLinkState::disable;

  VfSettings expected;
  expected.rate = Rate{};
  expected.vlan = VlanTag{};
  expected.trust = false;
  expected.spoofchk = false;
  expected.link_state = VfLinkState::automatic;
  EXPECT_EQ(baseline_difference(vf, baseline_of(Port(), false)), expected);
}

}  // namespace
}  // namespace sluice
