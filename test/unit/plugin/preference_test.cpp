#include "plugin/preference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

namespace sluice::plugin {
namespace {

using testing::ElementsAre;
using testing::IsSubsetOf;
using testing::UnorderedElementsAre;

Device device(const std::string& id, const std::string& port, std::optional<int> node = {}) {
  return {.id = id, .port = port, .numa_node = node};
}

/// Two ports on node 0 and one on node 1, in that order; devices "a0" … "c2".
DeviceSnapshot node_with_three_ports() {
  DeviceSnapshot snapshot;
  snapshot.classes = {{.resource = "sluice.dev/gold", .floor = BitRate::gbps(10)}};
  for (const char* port : {"a", "b", "c"}) {
    snapshot.ports.push_back({.name = port, .usable = BitRate::gbps(100)});
    for (int i = 0; i < 3; ++i) {
      snapshot.classes[0].devices.push_back(
          device(port + std::to_string(i), port, std::string(port) == "c" ? 1 : 0));
    }
  }
  return snapshot;
}

const std::vector<std::string> kAll = {"a0", "a1", "a2", "b0", "b1", "b2", "c0", "c1", "c2"};

std::vector<std::string> preferred(const DeviceSnapshot& snapshot,
                                   const PreferenceRequest& request) {
  return prefer(snapshot, snapshot.classes[0], request);
}

TEST(Prefer, D13_TakesOneNodeWithTheFewestToSpare) {
  EXPECT_THAT(preferred(node_with_three_ports(), {.available = kAll, .size = 3}),
              UnorderedElementsAre("c0", "c1", "c2"));
  EXPECT_THAT(preferred(node_with_three_ports(), {.available = kAll, .size = 4}),
              UnorderedElementsAre("a0", "b0", "a1", "b1"));
}

TEST(Prefer, D13_IncludesWhatItMustAndStaysOnItsNode) {
  const auto chosen =
      preferred(node_with_three_ports(), {.available = kAll, .must_include = {"a2"}, .size = 3});
  EXPECT_THAT(chosen, ElementsAre("a2", "b0", "a0"));
}

TEST(Prefer, D13_BalancesTheBandwidthLeftOnPorts) {
  DeviceSnapshot snapshot = node_with_three_ports();
  snapshot.ports[0].promised = BitRate::gbps(15);
  const std::vector<std::string> of_node_0 = {"a0", "a1", "a2", "b0", "b1", "b2"};
  // b is left with 90, then 80 of 100, and a with 75 after one.
  EXPECT_THAT(preferred(snapshot, {.available = of_node_0, .size = 4}),
              ElementsAre("b0", "b1", "a0", "b2"));
}

TEST(Prefer, AHalfFullSmallPortIsFullerThanAQuarterFullLargeOne) {
  DeviceSnapshot snapshot = node_with_three_ports();
  snapshot.ports[0] = {.name = "a", .usable = BitRate::gbps(40), .promised = BitRate::gbps(20)};
  snapshot.ports[1] = {.name = "b", .usable = BitRate::gbps(400), .promised = BitRate::gbps(100)};
  EXPECT_THAT(preferred(snapshot, {.available = {"a0", "b0"}, .size = 1}), ElementsAre("b0"));
}

TEST(Prefer, TakesTheNodeWithTheMostWhenNoneHasEnough) {
  EXPECT_THAT(preferred(node_with_three_ports(), {.available = kAll, .size = 7}),
              UnorderedElementsAre("a0", "a1", "a2", "b0", "b1", "b2", "c0"));
}

TEST(Prefer, CountsDevicesWherePortsHaveNoRate) {
  DeviceSnapshot snapshot = node_with_three_ports();
  snapshot.ports.clear();
  EXPECT_THAT(preferred(snapshot, {.available = {"a0", "b0", "b1"}, .size = 2}),
              ElementsAre("b0", "a0"));
}

TEST(Prefer, ADeviceThatWeDoNotKnowComesLast) {
  EXPECT_THAT(preferred(node_with_three_ports(), {.available = {"?", "c2"}, .size = 2}),
              ElementsAre("c2", "?"));
}

TEST(Prefer, GivesAllThereIsWhenThatIsNotEnough) {
  EXPECT_THAT(preferred(node_with_three_ports(), {.available = {"a0", "c2"}, .size = 5}),
              UnorderedElementsAre("a0", "c2"));
  EXPECT_THAT(preferred(node_with_three_ports(), {.available = {}, .size = 1}), ElementsAre());
}

TEST(Prefer, D13_AnswersEveryQuestionWithASubsetOfTheRightSize) {
  std::mt19937 random(20);  // NOLINT(cert-msc51-cpp): the same questions each time
  const DeviceSnapshot snapshot = node_with_three_ports();
  for (int round = 0; round < 500; ++round) {
    std::vector<std::string> available = kAll;
    std::ranges::shuffle(available, random);
    available.resize(1 + random() % available.size());
    const std::size_t size = 1 + random() % available.size();
    const std::vector<std::string> must(
        available.begin(), available.begin() + static_cast<std::ptrdiff_t>(random() % size));

    const auto chosen =
        preferred(snapshot, {.available = available, .must_include = must, .size = size});

    EXPECT_THAT(chosen, testing::SizeIs(size));
    EXPECT_THAT(chosen, IsSubsetOf(available));
    EXPECT_THAT(must, IsSubsetOf(chosen));
    EXPECT_EQ(std::set(chosen.begin(), chosen.end()).size(), size);
  }
}

}  // namespace
}  // namespace sluice::plugin
