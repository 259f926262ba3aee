// Pod mode: ADD answers when the RDMA devices of the lanes have the lanes' addresses as GIDs.
#include "pkg/inventory/locate_vf.h"
#include "test/unit/cni/pod_mode_fixture.h"

namespace sluice::cni {
namespace {

using testing::ElementsAre;
using testing::Field;

class PodGids : public PodModeTest {
 protected:
  // net1 gets 192.0.2.1, net2 192.0.2.2.
  PodGids() {
    ipam.script(R"(if [ "$CNI_COMMAND" = ADD ]; then
  echo '{"ips":[{"address":"192.0.2.'"${CNI_IFNAME#net}"'/24"}]}'
fi)");
    tree = std::make_unique<SysfsTree>();
    tree->pf(kPort, {.vfs = 4, .driver = "mlx5_core", .rdma = true});
    sysfs = std::make_unique<Dir>(tree->root());
    rdma.mode = RdmaNetnsMode::shared;
    for (int i = 0; i < 2; ++i) {
      const std::string name = locate_vf(*sysfs, SysfsTree::vf(kPort, i))->rdma_device;
      devices.push_back(rdma.add(name, FakeNode::kHost));
      give_lane(i);
    }
    restart();
    give(asked);
  }

  void give_lane(int index) {
    PodLane lane = gold(index);
    lane.network = LaneNetwork{.name = "rail0",
                               .cni = R"({"cniVersion":"1.0.0","ipam":{"type":"test-ipam"},)"
                                      R"("name":"sluice-rail0","type":"sluice"})",
                               .mtu = {}};
    asked.push_back(lane);
  }

  Outcome<std::optional<AddResult>> add() {
    Ipam::Settings settings = ipam.settings({});
    settings.type.clear();
    settings.input.clear();
    settings.variables.emplace_back("CNI_CONTAINERID=" + environment.container_id);
    return perform(add_pod, settings);
  }

  void add_gid(int lane, const char* address) {
    rdma.add_gid(devices.at(static_cast<std::size_t>(lane)), IpAddress::parse(address).value());
  }

  std::vector<Lease> leases() { return LeaseStore(dir / "lib").read({"c1", "eth0"}).value(); }

  TestIpam ipam{dir / ""};
  FakeRdmaSubsystem& rdma = *kernel->node().rdma();
  std::vector<std::uint32_t> devices;
  std::vector<PodLane> asked;
};

TEST_F(PodGids, AreWaitedFor) {
  add_gid(0, "192.0.2.1");
  add_gid(1, "192.0.2.2");
  for (const std::uint32_t device : devices) rdma.devices.at(device).looks_before_gids = 3;
  const auto result = add();
  ASSERT_TRUE(result) << result.error().message;
  for (const std::uint32_t device : devices) {
    EXPECT_EQ(rdma.devices.at(device).looks_before_gids, -1);
  }
  EXPECT_THAT(leases(), ElementsAre(Field(&Lease::lacks_gids, ""), Field(&Lease::lacks_gids, "")));
}

TEST_F(PodGids, ThatDoNotComeAreNotedWithTheirLaneAndThePodStarts) {
  add_gid(0, "192.0.2.1");
  add_gid(1, "192.0.2.1");  // The other lane's.
  const auto start = std::chrono::steady_clock::now();
  const auto result = add();
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
  EXPECT_EQ((*result)->ips.size(), 3U);
  EXPECT_THAT(leases(),
              ElementsAre(Field(&Lease::lacks_gids, ""), Field(&Lease::lacks_gids, "192.0.2.2")));
}

TEST_F(PodGids, ThatCannotBeReadDoNotFailThePodNorCountAsMissing) {
  rdma.on_request = [this] {
    if (in_pod("net2") != nullptr) rdma.refusal = Error(Code::permission_denied, "EPERM");
  };
  const auto result = add();
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_THAT(leases(), ElementsAre(Field(&Lease::lacks_gids, ""), Field(&Lease::lacks_gids, "")));
}

TEST_F(PodGids, OfALaneWithoutAddressesAreNotAskedFor) {
  asked[0].network.reset();
  asked[1].network.reset();
  give(asked);
  ASSERT_TRUE(add());
  EXPECT_EQ(rdma.devices.at(devices[0]).looks_before_gids, 0);
}

}  // namespace
}  // namespace sluice::cni
