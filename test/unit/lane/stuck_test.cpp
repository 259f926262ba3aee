// A VF whose link is in no namespace to be found: what it may hold up, and what it may not.
#include <future>

#include "test/unit/lane/node_fixture.h"

namespace sluice {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class Stuck : public NodeTest {
 protected:
  /// The lane's namespace is gone, and its link has not come home.
  void lose(int index, const std::string& pod) {
    const std::uint64_t cookie = netns(pod);
    kernel->node().unlink_netns("/run/netns/" + pod);
    kernel->node().kill_netns(cookie);
    tree->take_link_away(vf(index));
  }

  std::vector<std::string> searches() {
    return kernel->log().matching("kernel: find_netns_holding");
  }
};

TEST_F(Stuck, AReleaseThatWaitsGivesTheLockToOtherLanes) {
  ASSERT_THAT(attach(request(0)), IsOk());
  lose(0, "p1");
  auto released = std::async(std::launch::async, [this] { return detach(); });
  {
    // Once the release has begun: until then it is the first to have the lock.
    while (records().front().phase != Phase::releasing) std::this_thread::yield();
    ASSERT_OK_AND_ASSIGN(const LockedPort other, ledger->lock(kPort, std::chrono::seconds(30)));
    returned_as(0, "net1");
  }
  EXPECT_THAT(released.get(), IsOk());
  EXPECT_THAT(searches(), SizeIs(testing::Le(1)));
  expect_baseline(0);
}

TEST_F(Stuck, AnAddDoesNotSearchForTheLinksOfOthers) {
  ASSERT_THAT(attach(request(0)), IsOk());
  lose(0, "p1");
  {
    ASSERT_OK_AND_ASSIGN(LockedPort locked, ledger->lock(kPort, std::chrono::seconds(0)));
    locked.record().lanes.front().phase = Phase::releasing;
    ASSERT_THAT(locked.save(), IsOk());
  }
  ASSERT_THAT(attach(request(1, "c2", "net1", "p0")), IsOk());
  EXPECT_THAT(searches(), IsEmpty());
  EXPECT_EQ(recorded(), 2U) << "what is left stays recorded, and counted";
}

TEST_F(Stuck, RecoveryTriesALaneThatFailsLessAndLessOften) {
  ASSERT_THAT(attach(request(0)), IsOk());
  lose(0, "p1");
  {
    ASSERT_OK_AND_ASSIGN(LockedPort locked, ledger->lock(kPort, std::chrono::seconds(0)));
    locked.record().lanes.front().phase = Phase::releasing;
    ASSERT_THAT(locked.save(), IsOk());
  }
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(lanes->recover(), FailsWith(Code::busy, "is in no namespace to be found"));
  }
  EXPECT_THAT(searches(), SizeIs(1));
}

TEST_F(Stuck, RecoveryLocksNoPortThatIsInOrder) {
  ASSERT_THAT(attach(request(0)), IsOk());
  ASSERT_OK_AND_ASSIGN(const LockedPort other, ledger->lock(kPort, std::chrono::seconds(0)));
  EXPECT_THAT(lanes->recover(), IsOk());
}

TEST_F(Stuck, AnAttachIsRefusedWhileTheOffersAreDamagedAndLeavesThem) {
  std::filesystem::create_directory(dir / "lib");
  dir.write("lib/offers.json", "{");
  EXPECT_THAT(attach(request(0)), FailsWith(Code::data_loss, "offers.json"));
  EXPECT_EQ(dir.read("lib/offers.json"), "{");
  EXPECT_EQ(recorded(), 0U);
}

}  // namespace
}  // namespace sluice
