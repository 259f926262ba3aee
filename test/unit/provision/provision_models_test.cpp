// Provisioning on every driver model: no port fails for what its driver cannot do, VFs can send,
// and a second run changes nothing.
#include "pkg/netlink/vf_settings.h"
#include "pkg/provision/provisioner.h"
#include "test/fake/fake_machine.h"
#include "test/support/result_matchers.h"
#include "test/support/temp_dir.h"

namespace sluice {
namespace {

using Kind = PortOutcome::Kind;

constexpr int kVfs = 4;

class ProvisionModels : public testing::TestWithParam<std::string_view> {
 protected:
  ProvisionModels() : machine_(driver_model(GetParam())) {}

  PortModel& port() { return machine_.port(); }

  PortOutcome provision() {
    const Ledger ledger = Ledger::open(run_dir_.path(), "boot").value();
    Provisioner provisioner({.sysfs_root = machine_.tree().path()}, machine_.sysfs(),
                            machine_.kernel().links(), ledger, [this](const std::string& line) {
                              machine_.drive(line);
                              if (line.find("for carrier") != std::string::npos)
                                port().restore_carrier();
                            });
    const ProvisionRule rule{.vfs = VfCount::exactly(kVfs)};
    const auto outcomes = provisioner.run({.rules = {rule}});
    EXPECT_THAT(outcomes, IsOk());
    return outcomes->at(0);
  }

  void expect_vfs_that_can_send() {
    port().settle();
    for (int i = 0; i < kVfs; ++i) {
      EXPECT_THAT(machine_.kernel().links().change(port().link_of(i)->link.index, {.up = true}),
                  IsOk())
          << i;
      EXPECT_TRUE(port().can_send(i)) << i;
    }
  }

  FakeMachine machine_;
  TempDir run_dir_;
};

TEST_P(ProvisionModels, MakesVfsThatCanSendAndTheSecondRunChangesNothing) {
  const PortOutcome made = provision();
  EXPECT_EQ(made.kind, Kind::changed) << made.text;
  EXPECT_EQ(port().vfs(), kVfs);
  const PortOutcome second = provision();
  EXPECT_EQ(second.kind, Kind::unchanged) << second.text;
  expect_vfs_that_can_send();
}

TEST_P(ProvisionModels, VfsThatOthersMadeCanSendToo) {
  ASSERT_EQ(port().set_vfs(kVfs), 0);
  port().restore_carrier();
  port().settle();
  const PortOutcome outcome = provision();
  EXPECT_NE(outcome.kind, Kind::failed) << outcome.text;
  expect_vfs_that_can_send();
}

TEST_P(ProvisionModels, TakesBackWhatTheDriverTook) {
  provision();
  port().settle();
  const int index = port().port().link.index;
  for (const VfSettings& part : one_by_one({.vlan = VlanTag{.id = 7},
                                .rate = Rate{.ceiling = BitRate::mbps(100)},
                                .trust = true,
                                .link_state = VfLinkState::disable})) {
    static_cast<void>(machine_.kernel().links().set_vf(index, 2, part));
  }
  port().settle();

  const PortOutcome outcome = provision();

  EXPECT_NE(outcome.kind, Kind::failed) << outcome.text;
  const VfInfo& vf = port().vf(2).info;
  EXPECT_EQ(vf.vlan->id, 0);
  EXPECT_EQ(vf.trust, false);
  EXPECT_EQ(vf.link_state, VfLinkState::automatic);
  const BitRate line_rate = BitRate::mbps(static_cast<std::uint64_t>(machine_.model().mbps));
  EXPECT_TRUE(vf.rate == Rate() || vf.rate == Rate{.ceiling = line_rate}) << outcome.text;
}

std::vector<std::string_view> names() {
  std::vector<std::string_view> names;
  for (const DriverModel& model : driver_models()) names.push_back(model.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(All, ProvisionModels, testing::ValuesIn(names()),
                         [](const auto& model) { return std::string(model.param); });

}  // namespace
}  // namespace sluice
