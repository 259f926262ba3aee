#include "agent/pod_lanes/arrivals.h"

#include "pkg/ledger/records.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

LaneRecord lane(const std::string& id, std::uint64_t netns, Phase phase = Phase::attached) {
  LaneRecord record;
  record.id = id;
  record.phase = phase;
  record.owner.netns_cookie = netns;
  record.owner.ifname = "net1";
  return record;
}

std::vector<PortRecord> port_with(std::vector<LaneRecord> lanes) {
  PortRecord record;
  record.port = "0000:3b:00.0";
  record.lanes = std::move(lanes);
  return {record};
}

class ArrivalsTest : public testing::Test {
 protected:
  // The ids of what is told, a string a pod: one look, and what is due so much later.
  std::vector<std::string> told(std::vector<PortRecord> records,
                                std::chrono::seconds later = Arrivals::kGathering) {
    arrivals_.observe(records, now_);
    now_ += later;
    std::vector<std::string> pods;
    for (const auto& of_pod : arrivals_.take(now_, is_settled_)) {
      pods.emplace_back();
      for (const Arrivals::Arrival& arrival : of_pod) pods.back() += arrival.lane.id;
    }
    return pods;
  }

  Arrivals arrivals_;
  Arrivals::Clock::time_point now_;
  std::function<bool(const Arrivals::Arrival&)> is_settled_ = [](const auto&) { return true; };
};

TEST_F(ArrivalsTest, AreNotThoseThatWereThereBefore) {
  EXPECT_THAT(told(port_with({lane("a", 1)})), IsEmpty());
  EXPECT_THAT(told(port_with({lane("a", 1)})), IsEmpty());
  EXPECT_FALSE(arrivals_.are_waiting());
}

TEST_F(ArrivalsTest, AreToldOnceAndOnlyWhenTheyAreInTheirPod) {
  told({});
  EXPECT_THAT(told(port_with({lane("a", 1, Phase::reserved)})), IsEmpty());
  EXPECT_THAT(told(port_with({lane("a", 1)})), ElementsAre("a"));
  EXPECT_THAT(told(port_with({lane("a", 1)})), IsEmpty());
}

TEST_F(ArrivalsTest, OfOnePodAreToldTogether) {
  told({});
  EXPECT_THAT(told(port_with({lane("a", 1)}), std::chrono::seconds(0)), IsEmpty());
  EXPECT_TRUE(arrivals_.are_waiting());
  EXPECT_THAT(told(port_with({lane("a", 1), lane("b", 1), lane("c", 2)})), ElementsAre("ab", "c"));
}

TEST_F(ArrivalsTest, WaitForWhatIsNotSettledButNotForEver) {
  told({});
  is_settled_ = [](const Arrivals::Arrival& arrival) { return arrival.lane.id != "b"; };
  const std::vector<PortRecord> both = port_with({lane("a", 1), lane("b", 1), lane("c", 2)});
  EXPECT_THAT(told(both), ElementsAre("c"));
  EXPECT_TRUE(arrivals_.are_waiting());
  EXPECT_THAT(told(both, Arrivals::kSettling - std::chrono::seconds(2)), IsEmpty());
  EXPECT_THAT(told(both), ElementsAre("ab"));
}

TEST_F(ArrivalsTest, AVfThatWentFromOnePodToTheNextHasArrivedAgain) {
  told(port_with({lane("a", 1), lane("b", 1)}));
  EXPECT_THAT(told(port_with({lane("a", 2), lane("b", 1)})), ElementsAre("a"));
}

TEST(LaneIds, AreThoseOfAllPhases) {
  EXPECT_THAT(lane_ids(port_with({lane("b", 1, Phase::releasing), lane("a", 1)})),
              ElementsAre("a", "b"));
}

TEST_F(ArrivalsTest, PodsOnTheHostsNetworkAreToldApart) {
  LaneRecord first = lane("a", 1);
  first.owner.container_id = "uid-1";
  LaneRecord second = lane("b", 1);
  second.owner.container_id = "uid-2";
  EXPECT_THAT(told({}), IsEmpty());
  EXPECT_THAT(told(port_with({first, second})), ElementsAre("a", "b"));
}

}  // namespace
}  // namespace sluice
