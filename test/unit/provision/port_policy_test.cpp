#include "pkg/provision/port_policy.h"

#include "pkg/provision/provisioner.h"
#include "test/fake/fake_kernel.h"
#include "test/support/result_matchers.h"
#include "test/support/sysfs_tree.h"
#include "test/support/temp_dir.h"

namespace sluice {
namespace {

constexpr const char* kPort = "0000:3b:00.0";
constexpr std::chrono::milliseconds kNow{0};

ProvisionRule rule_for_classes(int percent, VfCount count = VfCount::leave()) {
  ProvisionRule rule;
  rule.vfs = count;
  rule.shares.of(FrontEndName::classes)->percent = percent;
  return rule;
}

class PortPolicy : public testing::Test {
 protected:
  PortPolicy() {
    tree_.pf(kPort, {.vfs = 4});
    kernel_.node().add_port(
        {.name = "eth0", .mtu = 1500, .parent_bus = "pci", .parent_device = kPort}, 4, {});
  }

  UsablePart noted() {
    const auto record = ledger_.peek(kPort);
    EXPECT_THAT(record, IsOk());
    return record ? record->usable_part : UsablePart();
  }

  void provision(std::vector<ProvisionRule> rules, bool dry_run = false) {
    const Dir sysfs = tree_.root();
    Provisioner provisioner({.sysfs_root = tree_.path(), .dry_run = dry_run}, sysfs,
                            kernel_.links(), ledger_, [](const std::string&) {});
    ASSERT_THAT(provisioner.run({.rules = std::move(rules)}), IsOk());
  }

  // Whether it changed something; nullopt on an error.
  std::optional<bool> keep(const ProvisionRule* rule) {
    const Result<bool> changed = keep_usable_part(ledger_, kPort, rule, kNow);
    return changed ? std::optional(*changed) : std::nullopt;
  }

  static constexpr UsablePart kNine{.fixed = {}, .percent = 90};
  TempDir run_dir_;
  SysfsTree tree_;
  FakeKernel kernel_;
  Ledger ledger_ = *Ledger::open(run_dir_.path(), "boot");
};

TEST_F(PortPolicy, IsWrittenOnceAndTakenBackWithItsRule) {
  const ProvisionRule rule = rule_for_classes(90);
  EXPECT_EQ(keep(&rule), true);
  EXPECT_EQ(keep(&rule), false);
  EXPECT_EQ(noted(), kNine);
  EXPECT_EQ(keep(nullptr), true);
  EXPECT_EQ(noted(), UsablePart());
}

TEST_F(PortPolicy, NeedsTheLockOnlyForAChange) {
  const ProvisionRule rule = rule_for_classes(100);
  ASSERT_OK_AND_ASSIGN(const LockedPort busy, ledger_.lock(kPort, kNow));
  EXPECT_EQ(keep(&rule), false);
  const ProvisionRule other = rule_for_classes(90);
  EXPECT_THAT(keep_usable_part(ledger_, kPort, &other, kNow), FailsWith(Code::busy, ""));
}

TEST_F(PortPolicy, IsProvisionedForPortsWhoseVfsAreLeft) {
  provision({rule_for_classes(90, VfCount::leave())});
  EXPECT_EQ(noted(), kNine);
}

TEST_F(PortPolicy, IsProvisionedForPortsThatAreRightAlready) {
  provision({rule_for_classes(90, VfCount::exactly(4))});
  EXPECT_EQ(noted(), kNine);
}

TEST_F(PortPolicy, IsNotTouchedByADryRun) {
  provision({rule_for_classes(90)}, true);
  EXPECT_EQ(noted(), UsablePart());
}

}  // namespace
}  // namespace sluice
