// What people read when lanes are not placed.
#include <gtest/gtest.h>

#include "test/unit/placement/placement_world.h"

namespace sluice {
namespace {

struct Refusal {
  Code code = Code::internal;
  std::string text;

  friend bool operator==(const Refusal&, const Refusal&) = default;
  friend void PrintTo(const Refusal& refusal, std::ostream* out) {  // NOLINT: GoogleTest's name.
    *out << static_cast<int>(refusal.code) << ": " << refusal.text;
  }
};

Refusal refusal(const std::vector<NodePort>& ports, const PodAsk& ask,
                std::uint64_t most_steps = kMostSearchSteps) {
  const Result<Placement> placement = place(ports, ask, most_steps);
  if (placement) return {};
  return {placement.error().code(), placement.error().message()};
}

TEST(PlaceMessages, ALaneWithoutRoomIsToldPortByPort) {
  std::vector<NodePort> ports = ports_with({12, 100});
  ports[1].free_vfs = 0;
  EXPECT_EQ(refusal(ports, lanes_of({40})),
            (Refusal{Code::exhausted,
                     "port ens0: 12 Gbit/s of 100 Gbit/s free, 40 Gbit/s asked; "
                     "port ens1: no free VF"}));
  EXPECT_EQ(refusal(ports, lanes_of({10, 40})),
            (Refusal{Code::exhausted,
                     "lane 1: port ens0: 12 Gbit/s of 100 Gbit/s free, 40 Gbit/s asked; "
                     "port ens1: no free VF"}));
}

TEST(PlaceMessages, VfsThatAreShort) {
  std::vector<NodePort> ports = ports_with({100, 100});
  ports[0].free_vfs = 30;
  ports[1].free_vfs = 29;
  EXPECT_EQ(refusal(ports, lanes_of(60, 1)),
            (Refusal{Code::exhausted, "60 VFs asked, 59 free: 30 of port ens0, 29 of port ens1"}));
}

TEST(PlaceMessages, LanesOfOnePortThatNeedMoreVfsThanItHas) {
  std::vector<NodePort> ports = ports_with({100});
  ports[0].free_vfs = 1;
  PodAsk ask = lanes_of({1, 1});
  ask.same_port = {{0, 1}};
  EXPECT_EQ(refusal(ports, ask), (Refusal{Code::exhausted, "port ens0: 1 VF free, 2 asked"}));
}

TEST(PlaceMessages, VfsOfOneSortThatAreShort) {
  std::vector<NodePort> ports = ports_with({100, 100});
  ports[0].free_vfio_vfs = 2;
  PodAsk ask = lanes_of({1, 1, 1, 1});
  ask.lanes[0].vfio = ask.lanes[2].vfio = ask.lanes[3].vfio = true;
  EXPECT_EQ(refusal(ports, ask),
            (Refusal{Code::exhausted,
                     "lanes 0, 2 and 3: 3 VFs bound to vfio-pci asked, 2 free: 2 of port ens0, "
                     "0 of port ens1"}));
  ask.same_port = {{0, 2, 3}};
  EXPECT_EQ(refusal(ports, ask),
            (Refusal{Code::exhausted,
                     "lanes 0, 2 and 3: port ens0: 2 VFs bound to vfio-pci free, 3 asked; "
                     "port ens1: no free VF bound to vfio-pci"}));
  ask = lanes_of({40, 70, 70});
  ask.lanes[0].vfio = true;
  ports[1].free_vfio_vfs = 1;
  EXPECT_EQ(
      refusal(ports, ask),
      (Refusal{Code::exhausted,
               "3 lanes of 180 Gbit/s together cannot be divided among the ports: "
               "port ens0: 100 Gbit/s of 100 Gbit/s and 16 VFs and 2 VFs bound to vfio-pci free; "
               "port ens1: 100 Gbit/s of 100 Gbit/s and 16 VFs and 1 VF bound to vfio-pci free"}));
}

TEST(PlaceMessages, BandwidthThatIsShort) {
  EXPECT_EQ(refusal(ports_with({60, 30}), lanes_of({25, 25, 25, 25})),
            (Refusal{Code::exhausted,
                     "100 Gbit/s asked, 90 Gbit/s free: 60 Gbit/s of port ens0, "
                     "30 Gbit/s of port ens1"}));
}

TEST(PlaceMessages, LanesThatOnlySomePortsCouldTakeAreNamed) {
  std::vector<NodePort> ports = ports_with({60, 100});
  ports[0].numa_node = 0;
  PodAsk ask = lanes_of({40, 10, 40});
  ask.lanes[0].numa_node = ask.lanes[2].numa_node = 0;
  EXPECT_EQ(refusal(ports, ask),
            (Refusal{Code::exhausted,
                     "lanes 0 and 2: 80 Gbit/s asked, 60 Gbit/s free: 60 Gbit/s of port ens0"}));
}

TEST(PlaceMessages, LargeLanesThatNeedAPortEach) {
  EXPECT_EQ(refusal(ports_with({60, 70}), lanes_of({40, 40, 40})),
            (Refusal{Code::exhausted,
                     "at least 40 Gbit/s asked 3 times, there is room for 2: "
                     "port ens0: 60 Gbit/s of 100 Gbit/s and 16 VFs free; "
                     "port ens1: 70 Gbit/s of 100 Gbit/s and 16 VFs free"}));
}

TEST(PlaceMessages, DifferentPortsThatAreShort) {
  std::vector<NodePort> ports = ports_with({100, 100, 100});
  ports[2].free_vfs = 0;
  PodAsk ask = lanes_of({1, 1, 1});
  ask.different_ports = {{0, 1, 2}};
  EXPECT_EQ(refusal(ports, ask), (Refusal{Code::exhausted,
                                          "3 different ports asked, 2 with room: "
                                          "port ens0: 100 Gbit/s of 100 Gbit/s and 16 VFs free; "
                                          "port ens1: 100 Gbit/s of 100 Gbit/s and 16 VFs free; "
                                          "port ens2: 100 Gbit/s of 100 Gbit/s and 0 VFs free"}));
}

TEST(PlaceMessages, LanesThatDoNotGoTogether) {
  EXPECT_EQ(refusal(ports_with({17, 17}), lanes_of({11, 5, 5, 5, 4, 4})),
            (Refusal{Code::exhausted,
                     "6 lanes of 34 Gbit/s together cannot be divided among the ports: "
                     "port ens0: 17 Gbit/s of 100 Gbit/s and 16 VFs free; "
                     "port ens1: 17 Gbit/s of 100 Gbit/s and 16 VFs free"}));
}

TEST(PlaceMessages, ASearchThatWasGivenUpSaysSo) {
  EXPECT_EQ(refusal(ports_with({17, 17}), lanes_of({11, 5, 5, 5, 4, 4}), 0),
            (Refusal{Code::timed_out,
                     "6 lanes of 34 Gbit/s together: unknown whether that fits, the search was "
                     "given up after 0 steps: "
                     "port ens0: 17 Gbit/s of 100 Gbit/s and 16 VFs free; "
                     "port ens1: 17 Gbit/s of 100 Gbit/s and 16 VFs free"}));
}

TEST(PlaceMessages, WhatNoPortCouldEverTakeIsUnsupported) {
  std::vector<NodePort> ports = ports_with({100, 100});
  PodAsk ask = lanes_of({10});
  ask.lanes[0].medium = Medium::infiniband;
  ask.lanes[0].numa_node = 1;
  ask.lanes[0].link = "ib*";
  EXPECT_EQ(refusal(ports, ask),
            (Refusal{Code::unsupported,
                     "no port of link type infiniband on NUMA node 1 with a link like 'ib*'"}));
  EXPECT_EQ(refusal({}, lanes_of({10})), (Refusal{Code::unsupported, "the node has no ports"}));

  ports[0].driver = ports[1].driver = "virtio-pci";
  EXPECT_EQ(refusal(ports, lanes_of({0, 10})),
            (Refusal{Code::unsupported,
                     "lane 1: port ens0: driver virtio-pci keeps no floors, 10 Gbit/s asked; "
                     "port ens1: driver virtio-pci keeps no floors, 10 Gbit/s asked"}));
}

TEST(PlaceMessages, ANetworkThatNoPortHasIsUnsupported) {
  std::vector<NodePort> ports = ports_with({100, 100});
  ports[0].networks = {"front"};
  PodAsk ask = lanes_of({10, 10});
  ask.lanes[1].network = "storage";
  EXPECT_EQ(refusal(ports, ask),
            (Refusal{Code::unsupported, "lane 1: no port has network 'storage'"}));
  ask.lanes[1] = {.rate = {}, .numa_node = {}, .link = "ens1", .medium = {}, .network = "front"};
  EXPECT_EQ(
      refusal(ports, ask),
      (Refusal{Code::unsupported, "lane 1: no port with a link like 'ens1' has network 'front'"}));
}

TEST(PlaceMessages, MoreThanPortsMayPromiseIsUnsupported) {
  std::vector<NodePort> ports = ports_with({100});
  ports[0].usable = BitRate::gbps(30);
  EXPECT_EQ(refusal(ports, lanes_of({40})),
            (Refusal{Code::unsupported, "port ens0: 30 Gbit/s can be promised, 40 Gbit/s asked"}));
}

TEST(PlaceMessages, RatesThatNoPortTakesAreInvalid) {
  EXPECT_EQ(refusal(ports_with({100}), lanes_of({101})),
            (Refusal{Code::invalid_argument,
                     "port ens0: floor 101 Gbit/s is above the line rate 100 Gbit/s"}));
}

TEST(PlaceMessages, APortWithoutCarrierMayTakeTheLaneLater) {
  std::vector<NodePort> ports = ports_with({100, 100});
  ports[0].line_rate = {};
  EXPECT_EQ(refusal({ports[0]}, lanes_of({10})),
            (Refusal{Code::busy, "port ens0: no carrier, its line rate is unknown"}));
  ports[1].driver = "mlx4_core";
  EXPECT_EQ(refusal(ports, lanes_of({10})),
            (Refusal{Code::busy,
                     "port ens0: no carrier, its line rate is unknown; "
                     "port ens1: driver mlx4_core keeps no floors, 10 Gbit/s asked"}));
}

TEST(PlaceMessages, PortsWithoutLinkAreCalledByTheirName) {
  std::vector<NodePort> ports = ports_with({10});
  ports[0].link.clear();
  EXPECT_EQ(refusal(ports, lanes_of({20})),
            (Refusal{Code::exhausted,
                     "port 0000:10:00.0: 10 Gbit/s of 100 Gbit/s free, 20 Gbit/s asked"}));
}

}  // namespace
}  // namespace sluice
