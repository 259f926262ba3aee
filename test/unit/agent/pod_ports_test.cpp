// Which ports the lanes of an annotated pod go on.
#include "agent/pods/pod_ports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/bandwidth/capability.h"
#include "pkg/inventory/scan.h"
#include "test/support/result_matchers.h"
#include "test/support/sysfs_tree.h"

namespace sluice {
namespace {

using testing::ElementsAre;

constexpr const char* kFirst = "0000:3b:00.0";
constexpr const char* kSecond = "0000:5e:00.0";

/// Two ports with 40 Gbit/s and four VFs for pods each; the second one is on NUMA node 1.
class PodPortsTest : public testing::Test {
 protected:
  PodPortsTest() {
    for (const Port& port : inventory_.ports) {
      FrontEndShare& share = shares_.emplace_back();
      share.hardware = &port;
      share.capability = &capability_of(port.driver);
      share.line_rate = BitRate::gbps(100);
      share.bandwidth = BitRate::gbps(40);
      for (const Vf& vf : port.vfs) share.vfs.push_back(&vf);
      share.free = share.vfs;
    }
  }

  static LaneAsk floor(std::uint64_t gbps) { return {.rate = {.floor = BitRate::gbps(gbps)}}; }

  static PodWish wish(std::vector<LaneAsk> lanes) {
    PodWish wish{.uid = "p", .name = "ml/trainer", .asked = {}};
    for (std::size_t i = 0; i < lanes.size(); ++i) wish.asked.names.push_back(std::to_string(i));
    wish.asked.settings.resize(lanes.size());
    wish.asked.ask.lanes = std::move(lanes);
    return wish;
  }

  // As the scheduler would, with the rates that are asked.
  static void place_at(PodWish& wish, const std::vector<std::string>& ports) {
    wish.placement.emplace();
    for (std::size_t i = 0; i < ports.size(); ++i) {
      wish.placement->push_back({.port = ports[i], .rate = wish.asked.ask.lanes.at(i).rate});
    }
  }

  Result<LanePorts> placed(const PodWish& wish) const { return placed_ports(wish, shares_); }

  Result<LanePorts> free(const PodWish& wish) const { return free_ports(wish, shares_); }

  SysfsTree tree_;
  Inventory inventory_ =
      scan(tree_.pf(kFirst, {.vfs = 4}).pf(kSecond, {.vfs = 4, .numa_node = "1"}).root()).value();
  std::vector<FrontEndShare> shares_;
  const PciAddress first_ = PciAddress::parse(kFirst).value();
  const PciAddress second_ = PciAddress::parse(kSecond).value();
};

TEST_F(PodPortsTest, APlacementNamesThePortOfEachLane) {
  PodWish asked = wish({floor(10), floor(10), floor(10)});
  place_at(asked, {kSecond, kFirst, kSecond});
  ASSERT_OK_AND_ASSIGN(const LanePorts ports, placed(asked));
  EXPECT_THAT(ports, ElementsAre(second_, first_, second_));
  EXPECT_TRUE(follows_placement(asked, ports));
  EXPECT_FALSE(follows_placement(asked, {second_, first_, first_}));
}

TEST_F(PodPortsTest, APlacementOfSomethingElseIsNone) {
  PodWish asked = wish({floor(10), floor(10)});
  EXPECT_THAT(placed(asked), FailsWith(Code::invalid_argument, "0 lanes were placed, 2 are asked"));
  EXPECT_FALSE(follows_placement(asked, {first_, first_}));
  place_at(asked, {kFirst, "0000:00:00.0"});
  EXPECT_THAT(placed(asked), FailsWith(Code::invalid_argument, "port '0000:00:00.0' has nothing"));
  place_at(asked, {kFirst, kSecond});
  asked.placement->at(1).rate.ceiling = BitRate::gbps(20);
  EXPECT_THAT(placed(asked), FailsWith(Code::invalid_argument, "lane '1' was placed with another"));
  EXPECT_FALSE(follows_placement(asked, {first_, second_}));
}

TEST_F(PodPortsTest, APlacementWhereTheAnnotationDoesNotAskToBeIsNone) {
  PodWish asked = wish({floor(10), floor(10)});
  asked.asked.ask.lanes[0].numa_node = 1;
  place_at(asked, {kFirst, kFirst});
  EXPECT_THAT(placed(asked), FailsWith(Code::invalid_argument, "lane '0' does not ask for port"));
  place_at(asked, {kSecond, kFirst});
  EXPECT_THAT(placed(asked), IsOk());
  asked.asked.ask.same_port = {{0, 1}};
  EXPECT_THAT(placed(asked), FailsWith(Code::invalid_argument, "does not allow together"));
  asked.asked.ask.same_port.clear();
  asked.asked.ask.different_ports = {{0, 1}};
  EXPECT_THAT(placed(asked), IsOk());
  place_at(asked, {kSecond, kSecond});
  EXPECT_THAT(placed(asked), FailsWith(Code::invalid_argument, "does not allow together"));
}

TEST_F(PodPortsTest, LanesGoWhereThereIsRoom) {
  shares_[0].promised = BitRate::gbps(15);
  EXPECT_THAT(*free(wish({floor(30), floor(25)})), ElementsAre(second_, first_));
  EXPECT_THAT(free(wish({floor(30), floor(30)})),
              FailsWith(Code::exhausted, "60 Gbit/s asked, 40 Gbit/s free"));
}

TEST_F(PodPortsTest, ALaneThatNamesANetworkGoesWhereItIs) {
  PodWish asked = wish({floor(10)});
  asked.asked.ask.lanes[0].network = "storage";
  EXPECT_THAT(free(asked), FailsWith(Code::unsupported, "no port has network 'storage'"));
  shares_[1].networks = {"front", "storage"};
  EXPECT_THAT(*free(asked), ElementsAre(second_));
  place_at(asked, {kFirst});
  EXPECT_THAT(placed(asked), FailsWith(Code::invalid_argument, "lane '0' does not ask for port"));
  place_at(asked, {kSecond});
  EXPECT_THAT(placed(asked), IsOk());
}

TEST_F(PodPortsTest, VfsThatAreLeavingCountWhereOthersDoNotSuffice) {
  shares_[0].leaving.assign(shares_[0].free.begin(), shares_[0].free.begin() + 1);
  shares_[0].free.clear();
  EXPECT_THAT(*free(wish({floor(1)})), ElementsAre(second_));
  shares_[1].free.clear();
  EXPECT_THAT(*free(wish({floor(1)})), ElementsAre(first_));
  EXPECT_THAT(free(wish({floor(1), floor(1)})), FailsWith(Code::exhausted, "2 VFs asked, 1 free"));
}

TEST_F(PodPortsTest, VfsCountOnlyAsTheyAreBound) {
  PodWish asked = wish({floor(1)});
  asked.asked.settings[0].driver = LaneDriver::vfio;
  asked.asked.ask.lanes[0].vfio = true;
  EXPECT_THAT(free(asked), FailsWith(Code::exhausted, "no free VF bound to vfio-pci"));
  inventory_.ports[1].vfs[2].state = VfState::vfio;
  EXPECT_THAT(*free(asked), ElementsAre(second_));

  for (Vf& vf : inventory_.ports[0].vfs) vf.state = VfState::unbound;
  inventory_.ports[1].vfs[0].state = VfState::unbound;
  EXPECT_THAT(*free(wish({floor(1), floor(1)})), ElementsAre(second_, second_));
  EXPECT_THAT(free(wish({floor(1), floor(1), floor(1)})),
              FailsWith(Code::exhausted, "3 VFs asked, 2 free"));
}

TEST_F(PodPortsTest, VfsThatAreLeavingCountAsTheyAreBound) {
  for (FrontEndShare& share : shares_) share.leaving = std::exchange(share.free, {});
  inventory_.ports[0].vfs[1].state = VfState::away;
  inventory_.ports[1].vfs[3].state = VfState::vfio;
  PodWish asked = wish({floor(1), floor(1)});
  asked.asked.ask.lanes[0].vfio = true;
  EXPECT_THAT(*free(asked), ElementsAre(second_, testing::_));
  asked.asked.ask.lanes[1].vfio = true;
  EXPECT_THAT(free(asked), FailsWith(Code::exhausted, "2 VFs bound to vfio-pci asked, 1 free"));
}

// As of a scheduler that did not know of drivers: its count of VFs is another.
TEST_F(PodPortsTest, APlacementWithAnotherDriverIsNone) {
  PodWish asked = wish({floor(10)});
  asked.asked.ask.lanes[0].vfio = true;
  place_at(asked, {kSecond});
  EXPECT_THAT(placed(asked), FailsWith(Code::invalid_argument, "was placed with another driver"));
  EXPECT_FALSE(follows_placement(asked, {second_}));
  asked.placement->at(0).vfio = true;
  EXPECT_THAT(placed(asked), IsOk());
  EXPECT_TRUE(follows_placement(asked, {second_}));
}

}  // namespace
}  // namespace sluice
