#include "agent/records.h"

#include "test/support/result_matchers.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

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

TEST(Arrivals, AreNotThoseThatWereThereBefore) {
  Arrivals arrivals;
  EXPECT_THAT(arrivals.observe(port_with({lane("a", 1)})), IsEmpty());
  EXPECT_THAT(arrivals.observe(port_with({lane("a", 1)})), IsEmpty());
}

TEST(Arrivals, AreToldOnceAndOnlyWhenTheyAreInTheirPod) {
  Arrivals arrivals;
  arrivals.observe({});
  EXPECT_THAT(arrivals.observe(port_with({lane("a", 1, Phase::reserved)})), IsEmpty());
  const auto arrived = arrivals.observe(port_with({lane("a", 1)}));
  ASSERT_THAT(arrived, SizeIs(1));
  EXPECT_EQ(arrived[0].port, "0000:3b:00.0");
  EXPECT_EQ(arrived[0].lane.id, "a");
  EXPECT_THAT(arrivals.observe(port_with({lane("a", 1)})), IsEmpty());
}

TEST(Arrivals, AVfThatWentFromOnePodToTheNextHasArrivedAgain) {
  Arrivals arrivals;
  arrivals.observe(port_with({lane("a", 1), lane("b", 1)}));
  EXPECT_THAT(arrivals.observe(port_with({lane("a", 2), lane("b", 1)})), SizeIs(1));
}

TEST(LaneIds, AreThoseOfAllPhases) {
  EXPECT_THAT(lane_ids(port_with({lane("b", 1, Phase::releasing), lane("a", 1)})),
              ElementsAre("a", "b"));
}

}  // namespace
}  // namespace sluice
