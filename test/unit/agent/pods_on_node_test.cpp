// The front end "pods" beside the other parts of the node.
#include <atomic>

#include "test/unit/agent/pods_world.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using PodsOnNode = PodsWorld;

TEST_F(PodsOnNode, TheCniPluginIsToAskForEveryPodAsLongAsAnyMayHaveLanes) {
  EXPECT_FALSE(aside_.every_pod.is_set());
  step();
  EXPECT_TRUE(aside_.every_pod.is_set());
  put_papers_pod("[{}]");
  ASSERT_THAT(lanes_of(), IsOk());
  configure(R"({"classes": {}})");
  step();
  EXPECT_TRUE(aside_.every_pod.is_set()) << "a pod has a grant still";
  EXPECT_THAT(*lanes_of(), SizeIs(1));
  ASSERT_THAT(aside_.grants.save({}), IsOk());
  step();
  EXPECT_FALSE(aside_.every_pod.is_set());
  EXPECT_THAT(*lanes_of(), IsEmpty());
}

TEST_F(PodsOnNode, NodesWithoutTheirPortsRefuseAnnotatedPodsStill) {
  tree_.remove_vfs(kFirst).remove_vfs(kSecond);
  step();
  EXPECT_TRUE(aside_.every_pod.is_set());
  put_papers_pod("[{}]");
  EXPECT_THAT(lanes_of(), FailsWith(Code::unsupported, "no port of this node has a share"));
}

TEST_F(PodsOnNode, AfterItHasHandedOverItMakesNoGrants) {
  put_papers_pod("[{}]", "before");
  ASSERT_THAT(lanes_of("before"), IsOk());
  pods_->hand_over();
  EXPECT_THAT(*lanes_of("before"), SizeIs(1));
  put_papers_pod("[{}]");
  EXPECT_THAT(lanes_of(), FailsWith(Code::busy, "another instance"));
  EXPECT_THAT(grants(), SizeIs(1));
}

TEST_F(PodsOnNode, GrantsOfPodsCountAsGivenAndAreShown) {
  put_papers_pod(R"([{"min_tx_rate": 30000}, {"min_tx_rate": 30000}])");
  ASSERT_THAT(lanes_of(), IsOk());
  EXPECT_THAT(*pods_->given_vfs(*config_.current()), SizeIs(2));
  step();
  const std::string shown = metrics_.text();
  EXPECT_THAT(shown, HasSubstr("sluice_annotated_pods 1\n"));
  EXPECT_THAT(shown, HasSubstr("sluice_annotated_pod_vfs{port=\"0000:5e:00.0\"} 1\n"));
  EXPECT_THAT(shown, HasSubstr("sluice_annotated_pod_grants_total{result=\"granted\"} 1\n"));
}

TEST_F(PodsOnNode, ManyPodsAtOnceGetWhatFitsAndNoMore) {
  constexpr int kPods = 20;  // 8 VFs, and 80 Gbit/s for lanes of 15: four fit.
  for (int i = 0; i < kPods; ++i) {
    put_papers_pod(R"([{"min_tx_rate": 15000}])", "p" + std::to_string(i));
  }
  std::atomic<int> fit = 0;
  {
    std::vector<std::jthread> threads;
    threads.reserve(kPods);
    for (int i = 0; i < kPods; ++i) {
      threads.emplace_back([&, i] {
        const auto lanes = lanes_of("p" + std::to_string(i));
        if (lanes) {
          ++fit;
        } else {
          EXPECT_THAT(lanes, FailsWith(Code::exhausted, "15 Gbit/s asked"));
        }
      });
    }
  }
  EXPECT_EQ(fit, 4);
  EXPECT_THAT(grants(), SizeIs(4));
}

}  // namespace
}  // namespace sluice
