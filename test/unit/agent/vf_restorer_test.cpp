// When the VFs of a port are made again. That they are is shown on real ones (test/lab).
#include "agent/repair/vf_restorer.h"

#include <sstream>

#include "pkg/inventory/scan.h"
#include "pkg/ledger/grant_store.h"
#include "test/fake/fake_kernel.h"
#include "test/support/result_matchers.h"
#include "test/support/sysfs_tree.h"
#include "test/support/temp_dir.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kPort = "0000:3b:00.0";

class VfRestorerTest : public testing::Test {
 protected:
  VfRestorerTest()
      : ledger_(*Ledger::open(dir_ / "run", "boot")),
        config_(dir_ / "config.json", dir_ / "state") {
    tree_.pf(kPort, {.vfs = 4});
    sysfs_ = std::make_unique<Dir>(tree_.root());
    Link link{.name = "eth0"};
    link.parent_bus = "pci";
    link.parent_device = kPort;
    kernel_.node().add_port(link, 4);
    configure(R"({"ports": [{"select": {}, "vfs": 4}]})");
    restorer_ = std::make_unique<VfRestorer>(VfRestorer::Parts{.sysfs_root = tree_.path(),
                                                               .state_dir = dir_ / "state",
                                                               .sysfs = *sysfs_,
                                                               .links = kernel_.links(),
                                                               .ledger = ledger_,
                                                               .config = config_,
                                                               .metrics = metrics_},
                                             Announcer(Log(output_, "vfs"), no_kubernetes_));
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
    restorer_->observe(*scan(*sysfs_), *config_.current(), now_);
    restorer_->step(now_, {});
  }

  static std::string numvfs_file() { return SysfsTree::device(kPort) + "/sriov_numvfs"; }
  std::string numvfs() const { return sysfs_->read(numvfs_file())->value(); }

  TempDir dir_;
  SysfsTree tree_;
  FakeKernel kernel_;
  Ledger ledger_;
  LiveConfig config_;
  Metrics metrics_;
  std::stringstream said_;
  LogOutput output_{LogLevel::info, LogFormat::text, said_};
  NoKubernetes no_kubernetes_;
  std::unique_ptr<Dir> sysfs_;
  std::unique_ptr<VfRestorer> restorer_;
  VfRestorer::Clock::time_point now_ = VfRestorer::Clock::now();
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
  // Nobody is behind these files who would make them.
  EXPECT_THAT(said_.str(), HasSubstr("the driver made only 0 of 4 VFs"));
  EXPECT_THAT(metrics_.text(),
              HasSubstr(R"(sluice_vfs_made_total{port="0000:3b:00.0",result="failed"} 1)"));
}

TEST_F(VfRestorerTest, D07_SomebodyWhoChangesTheNumberThroughZeroIsNotDisturbed) {
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
  restorer_->step(now_ + VfRestorer::kGrace, {});
  EXPECT_EQ(numvfs(), "2");
  EXPECT_EQ(said_.str(), "");
}

TEST_F(VfRestorerTest, APortWithLanesIsLeftUntilTheyAreReleased) {
  {
    ASSERT_OK_AND_ASSIGN(LockedPort port, ledger_.lock(kPort, std::chrono::milliseconds(0)));
    port.record().lanes.push_back(
        {.id = SysfsTree::vf(kPort, 2).to_string(), .provider = "vf", .phase = Phase::attached});
    ASSERT_THAT(port.save(), IsOk());
  }
  lose_vfs();
  pass(std::chrono::seconds(0));
  pass(VfRestorer::kGrace);
  EXPECT_EQ(numvfs(), "0");
  EXPECT_THAT(said_.str(), HasSubstr("VFs are in use: 0000:3b:02.2"));
  {
    ASSERT_OK_AND_ASSIGN(LockedPort port, ledger_.lock(kPort, std::chrono::milliseconds(0)));
    port.record().lanes.clear();
    ASSERT_THAT(port.save(), IsOk());
  }
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
