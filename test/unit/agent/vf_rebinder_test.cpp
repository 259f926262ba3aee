// Which VFs are bound to their drivers again, and when.
#include "agent/repair/vf_rebinder.h"

#include "pkg/inventory/scan.h"
#include "pkg/ledger/grant_store.h"
#include "test/unit/agent/vf_repair_fixture.h"

namespace sluice {
namespace {

using testing::HasSubstr;

class VfRebinderTest : public VfRepairTest {
 protected:
  VfRebinderTest() : VfRepairTest(FakePort{.vfs = 2, .driver = "ice", .vf_driver = "iavf"}) {
    for (const char* const file : {"unbind", "bind"}) tree_.write(driver(file), "");
  }

  static std::string driver(const std::string& file) { return "bus/pci/drivers/iavf/" + file; }
  static std::string vf() { return SysfsTree::vf(kPort, 1).to_string(); }
  std::string written(const std::string& file) { return sysfs_.read(driver(file))->value(); }

  void lose_link() { tree_.remove(SysfsTree::device(vf()) + "/net"); }

  // One look and one step, after `later`.
  void pass(std::chrono::seconds later) {
    now_ += later;
    rebinder_.observe(*scan(sysfs_), now_);
    rebinder_.step(now_);
  }

  VfRebinder rebinder_{{.sysfs = sysfs_, .ledger = ledger_, .metrics = metrics_}, announcer()};
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
  record({lane(vf(), Phase::attached)});
  lose_link();
  pass(std::chrono::seconds(1));
  pass(VfRebinder::kGrace);
  EXPECT_EQ(written("unbind"), "");
  record({lane(vf(), Phase::releasing)});
  pass(VfRebinder::kGrace);
  EXPECT_EQ(written("bind"), vf());
}

TEST_F(VfRebinderTest, K38_AGrantedVfIsLeftToItsLaneAndBoundAgainOnceItHasNone) {
  const GrantStore store(dir_ / "state");
  const std::vector<Grant> grants = {
      {.uid = "claim-1", .pod_uid = "pod", .vfs = {{.vf = vf(), .port = kPort}}}};
  ASSERT_THAT(store.save(grants), IsOk());
  pass(std::chrono::seconds(0));
  record({lane(vf(), Phase::attached)});
  lose_link();
  pass(std::chrono::seconds(1));
  pass(VfRebinder::kGrace);
  EXPECT_EQ(written("unbind"), "");
  record({});
  pass(VfRebinder::kGrace);
  EXPECT_EQ(written("bind"), vf());
  EXPECT_EQ(*store.peek(), grants);
}

TEST_F(VfRebinderTest, K38_AVfOfALockedPortIsLeftUntilTheNextTime) {
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
