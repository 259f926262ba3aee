// An agent that dies before any request to the kernel while it makes lanes of an annotated pod on
// the host's network, or takes them back; and what comes next.
#include <algorithm>
#include <functional>

#include "test/unit/agent/agent_death.h"
#include "test/unit/agent/host_pods_world.h"

namespace sluice {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

/// How the pod stands when the next agent looks.
enum class Pod { lives, is_gone };

class HostPodsCrash : public HostPodsWorld, public testing::WithParamInterface<Pod> {
 protected:
  // Whether the call came to its `nth` request, and died there; the agent has started again then.
  bool dies(const std::function<void()>& call, int nth) {
    if (!dies_in(call, nth, machine_, dir_)) return false;
    start();
    EXPECT_THAT(lanes_->recover(), IsOk());  // As the repair loop does.
    return true;
  }

  void give() {
    show({asking(kTwo)});
    look(0);
  }

  void take_back() {
    show({});
    look(0);
  }

  void expect_in_force() {
    ASSERT_THAT(grants(), SizeIs(1));
    ASSERT_THAT(recorded(), SizeIs(2));
    for (const LaneRecord& lane : recorded()) EXPECT_EQ(lane.phase, Phase::attached);
    for (const int vf : {0, 1}) EXPECT_EQ(rate(vf), kRate);
  }

  // No rate without a lane, no lane without its grant.
  void expect_nothing_loose() {
    for (int index = 0; index < 4; ++index) {
      const std::vector<LaneRecord> lanes = recorded();
      const bool has_lane = std::ranges::find(lanes, vf(index), &LaneRecord::id) != lanes.end();
      EXPECT_TRUE(has_lane || rate(index) == Rate()) << index;
    }
    EXPECT_TRUE(!grants().empty() || recorded().empty());
  }

  // Ends without lanes and grants, as it began.
  void go_on() {
    expect_nothing_loose();
    if (GetParam() == Pod::lives) {
      give();
      expect_in_force();
    }
    take_back();
    expect_no_lanes();
    EXPECT_THAT(book_.release("uid-trainer"), IsOk());  // As EndedPods does.
    EXPECT_THAT(grants(), IsEmpty());
  }
};

TEST_P(HostPodsCrash, K1_WhileLanesAreMade) {
  int deaths = 0;
  for (int nth = 1; dies([this] { give(); }, nth); ++nth, ++deaths) {
    SCOPED_TRACE(nth);
    go_on();
    if (HasFailure()) break;
  }
  EXPECT_GE(deaths, 8);
}

TEST_P(HostPodsCrash, K1_WhileLanesAreTakenBack) {
  int deaths = 0;
  for (int nth = 1;; ++nth, ++deaths) {
    SCOPED_TRACE(nth);
    give();
    expect_in_force();
    if (HasFailure() || !dies([this] { take_back(); }, nth)) break;
    go_on();
  }
  EXPECT_GE(deaths, 4);
}

INSTANTIATE_TEST_SUITE_P(ThenThePod, HostPodsCrash, testing::Values(Pod::lives, Pod::is_gone),
                         [](const testing::TestParamInfo<Pod>& pod) {
                           return pod.param == Pod::lives ? "Lives" : "IsGone";
                         });

}  // namespace
}  // namespace sluice
