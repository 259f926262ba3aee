// The annotations of docs/pods.md are read as the page says.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "pkg/annotations/annotations.h"
#include "pkg/annotations/placement_annotation.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

std::string page() {
  std::ifstream file(SLUICE_SOURCE_DIR "/docs/pods.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

/// What stands between the text and the next `end` behind it.
std::string after(const std::string& text, const std::string& end) {
  const std::string all = page();
  const std::size_t found = all.find(text);
  if (found == std::string::npos) return "no " + text;
  const std::size_t begin = found + text.size();
  return all.substr(begin, all.find(end, begin) - begin);
}

TEST(PodsManual, ThePapersExampleAsksForThreeLanes) {
  ASSERT_OK_AND_ASSIGN(
      const std::optional<AnnotatedPod> pod,
      read_annotations({{"rdma_interfaces_required", after("rdma_interfaces_required: '", "'")}}));
  ASSERT_TRUE(pod);
  EXPECT_THAT(pod->ask.lanes,
              testing::ElementsAre(
                  LaneAsk{.rate = {.floor = BitRate::gbps(15), .ceiling = BitRate::gbps(20)}},
                  LaneAsk{.rate = {.floor = BitRate::gbps(5)}}, LaneAsk{}));
}

TEST(PodsManual, ItsExampleOfAllSettingsAsksForFiveLanes) {
  ASSERT_OK_AND_ASSIGN(const std::optional<AnnotatedPod> pod,
                       read_annotations({{"sluice.dev/lanes", after("sluice.dev/lanes: '", "'")}}));
  ASSERT_TRUE(pod);
  EXPECT_EQ(pod->ask.lanes.size(), 5U);
  EXPECT_THAT(pod->ask.different_ports, testing::ElementsAre(LaneGroup{0, 1, 2, 3}));
}

TEST(PodsManual, ItsMessageIsTheOneThatIsTold) {
  const std::string what = "    annotation 'rdma_interfaces_required': ";
  const auto read =
      read_annotations({{"rdma_interfaces_required",
                         R"([{"min_tx_rate": 20000, "max_tx_rate": 15000}, {"vlan": 7}])"}});
  ASSERT_FALSE(read);
  EXPECT_EQ("    " + read.error().message(), what + after(what, "\n"));
}

TEST(PodsManual, ItsPlacementIsOne) {
  ASSERT_OK_AND_ASSIGN(const PodPlacement placement,
                       decode_placement("{\"version\"" + after("{\"version\"", "\n")));
  EXPECT_EQ(placement.size(), 2U);
}

}  // namespace
}  // namespace sluice
