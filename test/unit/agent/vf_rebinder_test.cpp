// Which VFs are bound to their drivers again, and when.
#include "agent/repair/vf_rebinder.h"

#include <sstream>

#include "pkg/inventory/scan.h"
#include "pkg/ledger/grant_store.h"
#include "test/support/result_matchers.h"
#include "test/support/sysfs_tree.h"
#include "test/support/temp_dir.h"

namespace sluice {
namespace {

using testing::HasSubstr;

constexpr const char* kPort = "0000:3b:00.0";

class VfRebinderTest : public testing::Test {
 protected:
  VfRebinderTest() : ledger_(*Ledger::open(dir_ / "run", "boot")) {
    tree_.pf(kPort, {.vfs = 2, .driver = "ice", .vf_driver = "iavf"});
    for (const char* const file : {"unbind", "bind"}) tree_.write(driver(file), "");
    sysfs_ = std::make_unique<Dir>(tree_.root());
    rebinder_ = std::make_unique<VfRebinder>(
        VfRebinder::Parts{.sysfs = *sysfs_, .ledger = ledger_, .metrics = metrics_},
        Announcer(Log(output_, "vfs"), no_kubernetes_));
  }

  static std::string driver(const std::string& file) { return "bus/pci/drivers/iavf/" + file; }
  static std::string vf() { return SysfsTree::vf(kPort, 1).to_string(); }
  std::string written(const std::string& file) { return sysfs_->read(driver(file))->value(); }

  void lose_link() { tree_.remove(SysfsTree::device(vf()) + "/net"); }

  void record_lane(Phase phase) {
    auto locked = *ledger_.lock(kPort, std::chrono::seconds(1));
    locked.record().lanes = {{.id = vf(), .provider = "vf", .phase = phase}};
    ASSERT_THAT(locked.save(), IsOk());
  }

  void forget_lanes() {
    auto book = *ledger_.lock(kPort, std::chrono::seconds(1));
    book.record().lanes.clear();
    ASSERT_THAT(book.save(), IsOk());
  }

  // One look and one step, after `later`.
  void pass(std::chrono::seconds later) {
    now_ += later;
    rebinder_->observe(*scan(*sysfs_), now_);
    rebinder_->step(now_);
  }

  TempDir dir_;
  SysfsTree tree_;
  Ledger ledger_;
  Metrics metrics_;
  std::stringstream said_;
  LogOutput output_{LogLevel::info, LogFormat::text, said_};
  NoKubernetes no_kubernetes_;
  std::unique_ptr<Dir> sysfs_;
  std::unique_ptr<VfRebinder> rebinder_;
  VfRebinder::Clock::time_point now_ = VfRebinder::Clock::now();
};

TEST_F(VfRebinderTest, K38_AVfThatLostItsLinkIsBoundAgainOnce) {
  pass(std::chrono::seconds(0));
  lose_link();
  pass(std::chrono::seconds(1));
  pass(VfRebinder::kGrace - std::chrono::seconds(1));
  EXPECT_EQ(written("unbind"), "");
  pass(std::chrono::seconds(1));
  EXPECT_EQ(written("unbind"), vf());
  EXPECT_EQ(written("bind"), vf());
  EXPECT_THAT(said_.str(), HasSubstr("it was bound to iavf again"));
  EXPECT_THAT(metrics_.text(),
              HasSubstr(R"(sluice_vfs_rebound_total{port="0000:3b:00.0",result="done"} 1)"));

  tree_.write(driver("bind"), "");
  pass(VfRebinder::kGrace);
  pass(VfRebinder::kGrace);
  EXPECT_EQ(written("bind"), "");
}

TEST_F(VfRebinderTest, K38_AVfThatNeverHadALinkIsLeft) {
  lose_link();
  pass(std::chrono::seconds(0));
  pass(VfRebinder::kGrace);
  pass(VfRebinder::kGrace);
  EXPECT_EQ(written("unbind"), "");
}

TEST_F(VfRebinderTest, K38_AVfThatGotItsLinkBackIsLeft) {
  pass(std::chrono::seconds(0));
  lose_link();
  pass(std::chrono::seconds(1));
  tree_.add_link(vf(), "eth0v1", "");
  pass(VfRebinder::kGrace);
  EXPECT_EQ(written("unbind"), "");
}

TEST_F(VfRebinderTest, K38_AVfThatAPodHasIsLeftUntilItIsReleased) {
  pass(std::chrono::seconds(0));
  record_lane(Phase::attached);
  lose_link();
  pass(std::chrono::seconds(1));
  pass(VfRebinder::kGrace);
  EXPECT_EQ(written("unbind"), "");
  record_lane(Phase::releasing);
  pass(VfRebinder::kGrace);
  EXPECT_EQ(written("bind"), vf());
}

TEST_F(VfRebinderTest, K38_AGrantedVfIsLeftToItsLaneAndBoundAgainOnceItHasNone) {
  const GrantStore store(dir_ / "state");
  const std::vector<Grant> grants = {
      {.uid = "claim-1", .pod_uid = "pod", .vfs = {{.vf = vf(), .port = kPort}}}};
  ASSERT_THAT(store.save(grants), IsOk());
  pass(std::chrono::seconds(0));
  record_lane(Phase::attached);
  lose_link();
  pass(std::chrono::seconds(1));
  pass(VfRebinder::kGrace);
  EXPECT_EQ(written("unbind"), "");
  forget_lanes();
  pass(VfRebinder::kGrace);
  EXPECT_EQ(written("bind"), vf());
  EXPECT_EQ(*store.peek(), grants);
}

TEST_F(VfRebinderTest, K38_AVfOfAPortThatSomebodyIsAtIsLeftUntilTheNextTime) {
  pass(std::chrono::seconds(0));
  lose_link();
  pass(std::chrono::seconds(1));
  {
    const auto held = ledger_.lock(kPort, std::chrono::seconds(1));
    ASSERT_THAT(held, IsOk());
    pass(VfRebinder::kGrace);
  }
  EXPECT_EQ(said_.str(), "");
  pass(VfRebinder::kGrace);
  EXPECT_EQ(written("bind"), vf());
}

TEST_F(VfRebinderTest, K38_ADriverThatDoesNotTakeItIsSaid) {
  pass(std::chrono::seconds(0));
  lose_link();
  tree_.remove(driver("bind"));
  pass(std::chrono::seconds(1));
  pass(VfRebinder::kGrace);
  EXPECT_THAT(said_.str(), HasSubstr("it cannot be bound again: bind VF 0000:3b:02.1"));
}

}  // namespace
}  // namespace sluice
