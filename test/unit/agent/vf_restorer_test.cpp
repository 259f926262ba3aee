// When the VFs of a port are made again. That they are is shown on real ones (test/lab).
#include "agent/repair/vf_restorer.h"

#include "pkg/inventory/scan.h"
#include "pkg/ledger/grant_store.h"
#include "test/fake/fake_kernel.h"
#include "test/unit/agent/vf_repair_fixture.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::Not;

class VfRestorerTest : public VfRepairTest {
 protected:
  VfRestorerTest() : VfRepairTest(FakePort{.vfs = 4}) {
    Link link{.name = "eth0"};
    link.parent_bus = "pci";
    link.parent_device = kPort;
    kernel_.node().add_port(link, 4);
    configure(R"({"ports": [{"select": {}, "vfs": 4}]})");
  }

  void configure(const std::string& text) {
    dir_.write("config.json", text);
    ASSERT_THAT(config_.reload(), IsOk());
  }

  void lose_vfs() {
    tree_.remove_vfs(kPort);
    tree_.write(numvfs_file(), "0");
  }

  // One look and one step, after `later`.
  void pass(std::chrono::seconds later) {
    now_ += later;
    restorer_.observe(*scan(sysfs_), *config_.current(), now_);
    restorer_.step(now_, {});
  }

  static std::string numvfs_file() { return SysfsTree::device(kPort) + "/sriov_numvfs"; }
  std::string numvfs() const { return sysfs_.read(numvfs_file())->value(); }

  FakeKernel kernel_;
  LiveConfig config_{dir_ / "config.json", dir_ / "state"};
  VfRestorer restorer_{{.sysfs_root = tree_.path(),
                        .state_dir = dir_ / "state",
                        .sysfs = sysfs_,
                        .links = kernel_.links(),
                        .ledger = ledger_,
                        .config = config_,
                        .metrics = metrics_},
                       announcer()};
};

TEST_F(VfRestorerTest, APortThatHasItsVfsIsLeft) {
  pass(VfRestorer::kGrace);
  pass(VfRestorer::kGrace);
  EXPECT_EQ(said_.str(), "");
}

TEST_F(VfRestorerTest, ABarePortIsServedAfterAWhile) {
  lose_vfs();
  pass(std::chrono::seconds(0));
  pass(VfRestorer::kGrace - std::chrono::seconds(1));
  EXPECT_EQ(numvfs(), "0");
  pass(std::chrono::seconds(1));
  EXPECT_EQ(numvfs(), "4");
  // No kernel is behind these files to make them.
  EXPECT_THAT(said_.str(), HasSubstr("the driver made only 0 of 4 VFs"));
  EXPECT_THAT(metrics_.text(),
              HasSubstr(R"(sluice_vfs_made_total{port="0000:3b:00.0",result="failed"} 1)"));
}

TEST_F(VfRestorerTest, D07_AChangeOfTheNumberThroughZeroIsNotDisturbed) {
  lose_vfs();
  pass(std::chrono::seconds(0));
  tree_.add_vfs(kPort, {.vfs = 2});
  tree_.write(numvfs_file(), "2");
  pass(VfRestorer::kGrace);
  pass(VfRestorer::kGrace);
  EXPECT_EQ(numvfs(), "2");
  EXPECT_EQ(said_.str(), "");
}

TEST_F(VfRestorerTest, APortThatGotVfsSinceItWasLookedAtIsLeft) {
  lose_vfs();
  pass(std::chrono::seconds(0));
  tree_.add_vfs(kPort, {.vfs = 2});
  tree_.write(numvfs_file(), "2");
  restorer_.step(now_ + VfRestorer::kGrace, {});
  EXPECT_EQ(numvfs(), "2");
  EXPECT_EQ(said_.str(), "");
}

TEST_F(VfRestorerTest, APortWithLanesIsLeftUntilTheyAreReleased) {
  record({lane(SysfsTree::vf(kPort, 2).to_string(), Phase::attached)});
  lose_vfs();
  pass(std::chrono::seconds(0));
  pass(VfRestorer::kGrace);
  EXPECT_EQ(numvfs(), "0");
  EXPECT_THAT(said_.str(), HasSubstr("VFs are in use: 0000:3b:02.2"));
  record({});
  pass(VfRestorer::kGrace);
  EXPECT_EQ(numvfs(), "4");
}

TEST_F(VfRestorerTest, GrantsStayAndKeepNoPortWithoutVfs) {
  const auto grant = [](const std::string& uid, const std::string& port) {
    return Grant{.uid = uid,
                 .pod_uid = "pod",
                 .vfs = {{.vf = SysfsTree::vf(port, 2).to_string(), .port = port}}};
  };
  const std::vector<Grant> grants = {grant("claim-1", kPort), grant("claim-2", "0000:5e:00.0")};
  const GrantStore store(dir_ / "state");
  ASSERT_THAT(store.save(grants), IsOk());
  lose_vfs();
  pass(std::chrono::seconds(0));
  pass(VfRestorer::kGrace);
  EXPECT_EQ(numvfs(), "4");
  EXPECT_EQ(*store.peek(), grants);
}

TEST_F(VfRestorerTest, APortThatIsToBeLeftAloneIs) {
  configure(R"({"ports": [{"select": {}, "vfs": "leave"}]})");
  lose_vfs();
  pass(std::chrono::seconds(0));
  pass(VfRestorer::kGrace);
  EXPECT_EQ(numvfs(), "0");
  EXPECT_THAT(said_.str(), Not(HasSubstr("vfs:")));
}

}  // namespace
}  // namespace sluice
