#include "pkg/placement/place.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/support/result_matchers.h"
#include "test/unit/placement/placement_world.h"

namespace sluice {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

Placement placed(const std::vector<NodePort>& ports, const PodAsk& ask) {
  const Result<Placement> placement = place(ports, ask);
  EXPECT_THAT(placement, IsOk());
  return placement ? *placement : Placement();
}

/// Two ports on NUMA node 0 and two on node 1.
std::vector<NodePort> two_nodes(const std::vector<std::uint64_t>& gbps) {
  std::vector<NodePort> ports = ports_with(gbps);
  for (std::size_t i = 0; i < ports.size(); ++i) ports[i].numa_node = static_cast<int>(i / 2);
  return ports;
}

TEST(Place, NoLanesNeedNoPorts) {
  EXPECT_THAT(placed({}, {}), ElementsAre());
  EXPECT_THAT(placed(ports_with({100}), {}), ElementsAre());
}

// The demonstration cases of the RIT authors (ICNP 2019).
TEST(Place, FitsTheCasesOfThePaper) {
  EXPECT_THAT(placed(ports_with({9, 6}), lanes_of({3, 3, 8})), ElementsAre(1, 1, 0));
  EXPECT_THAT(placed(ports_with({12, 8}), lanes_of({8, 3, 3, 3, 3})), ElementsAre(1, 0, 0, 0, 0));
  EXPECT_THAT(placed(ports_with({10, 11}), lanes_of({8, 3, 3, 3, 3})), ElementsAre(1, 0, 0, 0, 1));

  std::vector<NodePort> one_vf = ports_with({9, 6});
  one_vf[1].free_vfs = 1;
  EXPECT_THAT(place(one_vf, lanes_of({3, 3, 8})), FailsWith(Code::exhausted, "3 lanes"));
}

TEST(Place, SpreadsLanesToThePortWithTheGreatestPartFree) {
  EXPECT_THAT(placed(ports_with({100, 90}), lanes_of({20, 20, 20})), ElementsAre(0, 0, 1));

  std::vector<NodePort> ports = ports_with({60, 45});
  ports[1].usable = ports[1].line_rate = BitRate::gbps(50);
  ports[1].promised = BitRate::gbps(5);
  EXPECT_THAT(placed(ports, lanes_of({10})), ElementsAre(1)) << "35 of 50 are more than 50 of 100";
}

TEST(Place, OfPortsAlikeTakesTheOneWithMoreVfsAndThenTheFirstByName) {
  std::vector<NodePort> ports = ports_with({100, 100, 100});
  EXPECT_THAT(placed(ports, lanes_of({10})), ElementsAre(0));
  ports[2].free_vfs = 17;
  EXPECT_THAT(placed(ports, lanes_of({10})), ElementsAre(2));
  ports[2].free_vfs = 16;
  std::swap(ports[0].name, ports[1].name);
  EXPECT_THAT(placed(ports, lanes_of({10})), ElementsAre(1));
}

TEST(Place, KeepsAPodOnOneNumaNode) {
  EXPECT_THAT(placed(two_nodes({100, 100, 50, 50}), lanes_of({40, 40})),
              UnorderedElementsAre(0, 1));
  // Node 0 has room for one of them only, however free its ports are.
  std::vector<NodePort> ports = two_nodes({100, 0, 50, 50});
  ports[0].free_vfs = 1;
  EXPECT_THAT(placed(ports, lanes_of({40, 40})), UnorderedElementsAre(2, 3));
}

TEST(Place, OfTwoNodesTakesTheOneWithFewerVfsToSpare) {
  std::vector<NodePort> ports = two_nodes({100, 100, 50, 50});
  ports[2].free_vfs = 1;
  EXPECT_THAT(placed(ports, lanes_of({10, 10})), UnorderedElementsAre(2, 3));
}

TEST(Place, UsesBothNodesWhereNeitherHasRoomForAll) {
  EXPECT_THAT(placed(two_nodes({40, 40, 40, 40}), lanes_of({30, 30, 30})),
              UnorderedElementsAre(0, 1, 2));
}

TEST(Place, MovesLanesThatAreInTheWayOfOthers) {
  // Largest first on the freest port leaves no room for the last one.
  EXPECT_THAT(placed(ports_with({100, 100}), lanes_of({60, 50, 40, 30, 20})),
              ElementsAre(1, 0, 1, 0, 0));
}

TEST(Place, SearchesWhereNoExchangeHelps) {
  // 3 x 26 + 22 and 2 x 32 + 2 x 18 alone fill both ports.
  std::vector<NodePort> ports = ports_with({100, 100});
  const PodAsk ask = lanes_of({32, 32, 26, 26, 26, 22, 18, 18});
  const Placement placement = placed(ports, ask);
  BitRate first;
  for (std::size_t lane = 0; lane < placement.size(); ++lane) {
    if (placement[lane] == 0) first += ask.lanes[lane].rate.floor;
  }
  EXPECT_EQ(first, BitRate::gbps(100));
}

TEST(Place, PutsLanesOnOnePortOrOnDifferentOnes) {
  PodAsk ask = lanes_of({10, 10, 10});
  ask.same_port = {{0, 1, 2}};
  EXPECT_THAT(placed(ports_with({25, 30}), ask), Each(1));

  ask = lanes_of({10, 10});
  ask.different_ports = {{0, 1}};
  EXPECT_THAT(placed(ports_with({100, 10}), ask), UnorderedElementsAre(0, 1));

  // Two pairs, each on one port, and those on different ones.
  ask = lanes_of({10, 20, 10, 20});
  ask.same_port = {{0, 1}, {2, 3}};
  ask.different_ports = {{1, 2}};
  EXPECT_THAT(placed(ports_with({35, 35}), ask), ElementsAre(0, 0, 1, 1));
}

TEST(Place, KeepsToNodeLinkAndLinkType) {
  std::vector<NodePort> ports = two_nodes({100, 100, 20, 10});
  ports[3].medium = Medium::infiniband;
  PodAsk ask = lanes_of({5});
  ask.lanes[0].numa_node = 1;
  EXPECT_THAT(placed(ports, ask), ElementsAre(2));
  ask.lanes[0] = {.rate = {}, .numa_node = {}, .link = "ens[1-3]", .medium = Medium::ethernet};
  EXPECT_THAT(placed(ports, ask), ElementsAre(1));
  ask.lanes[0] = {.rate = {}, .numa_node = {}, .link = {}, .medium = Medium::infiniband};
  EXPECT_THAT(placed(ports, ask), ElementsAre(3));
}

TEST(Place, CountsWhatALaneCostsOnThePortsDriver) {
  // i40e has steps of 50 Mbit/s: a lane of 10 costs 50 there.
  std::vector<NodePort> ports = ports_with({0, 0});
  ports[0].driver = "i40e";
  PodAsk ask = lanes_of({0, 0});
  for (LaneAsk& lane : ask.lanes) lane.rate.floor = BitRate::mbps(10);
  for (NodePort& port : ports) port.promised = port.usable - BitRate::mbps(60);
  ports[1].free_vfs = 1;
  EXPECT_THAT(placed(ports, ask), UnorderedElementsAre(0, 1));
  ports[1].free_vfs = 0;
  EXPECT_THAT(place(ports, ask), FailsWith(Code::exhausted, "100 Mbit/s asked"));
}

TEST(Place, PromisesNothingMoreOnAPortWhoseLineRateFell) {
  std::vector<NodePort> ports = ports_with({50, 10});
  ports[0].line_rate = ports[0].usable = BitRate::gbps(25);
  PodAsk ask = lanes_of({0});
  EXPECT_THAT(placed(ports, ask), ElementsAre(1));
  ports.pop_back();
  EXPECT_THAT(place(ports, ask), FailsWith(Code::exhausted, "its line rate is 25 Gbit/s"));
}

TEST(Place, SoftwareLanesNeedNoVf) {
  NodePort uplink = port_with(0, BitRate::gbps(100), std::nullopt);
  uplink.driver = htb_capability().driver;
  EXPECT_THAT(placed({uplink}, lanes_of(64, 1)), Each(0));
}

TEST(Place, ALaneThatNamesANetworkIsOnAPortThatHasIt) {
  std::vector<NodePort> ports = ports_with({100, 50});
  ports[0].networks = {"front"};
  ports[1].networks = {"front", "storage"};
  PodAsk ask = lanes_of({20, 20, 20});
  ask.lanes[0].network = ask.lanes[2].network = "storage";
  EXPECT_THAT(placed(ports, ask), ElementsAre(1, 0, 1));
  ask.lanes[1].network = "storage";
  EXPECT_THAT(place(ports, ask), FailsWith(Code::exhausted, "60 Gbit/s asked, 50 Gbit/s free"));
}

TEST(Place, LanesTakeVfsAsTheyAskForThemToBeBound) {
  std::vector<NodePort> ports = ports_with({100, 50});
  ports[0].free_vfs = 1;
  ports[1].free_vfs = 1;
  ports[1].free_vfio_vfs = 2;
  PodAsk ask = lanes_of({1, 1, 1});
  ask.lanes[0].vfio = ask.lanes[2].vfio = true;
  EXPECT_THAT(placed(ports, ask), ElementsAre(1, 0, 1));
  ask.same_port = {{0, 1}};
  EXPECT_THAT(placed(ports, ask), ElementsAre(1, 1, 1)) << "a VF of each sort";
  ask.same_port.clear();
  ask.lanes[1].vfio = true;
  EXPECT_THAT(place(ports, ask), FailsWith(Code::exhausted, "3 VFs bound to vfio-pci asked"));
  EXPECT_THAT(place(ports, lanes_of({1, 1, 1})), FailsWith(Code::exhausted, "3 VFs asked, 2 free"));
}

TEST(Place, LooksAtTheFirst64PortsByName) {
  std::vector<NodePort> ports = ports_with(std::vector<std::uint64_t>(65, 1));
  EXPECT_THAT(place(ports, lanes_of(64, 1)), IsOk());
  ports[64].promised = {};
  EXPECT_THAT(place(ports, lanes_of({2})), FailsWith(Code::exhausted, "2 Gbit/s asked"));
}

}  // namespace
}  // namespace sluice
