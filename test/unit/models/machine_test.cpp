#include "pkg/inventory/locate_vf.h"
#include "pkg/inventory/scan.h"
#include "test/unit/models/model_fixture.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class Machine : public ModelTest {
 protected:
  VfLocation located(int vf = 0) {
    const auto where = locate_vf(machine->sysfs(), FakeMachine::vf(vf));
    EXPECT_THAT(where, IsOk());
    return where ? *where : VfLocation();
  }

  Port scanned() {
    const auto found = scan_port(machine->sysfs(), *PciAddress::parse(FakeMachine::kPort));
    EXPECT_THAT(found, IsOk());
    return **found;
  }
};

TEST_F(Machine, SysfsShowsEveryModelsPortAndVfs) {
  for (const DriverModel& model : driver_models()) {
    plug(model.name);
    const Port port = scanned();
    EXPECT_EQ(port.driver, model.driver.port_driver);
    EXPECT_EQ(port.line_rate, BitRate::mbps(static_cast<std::uint64_t>(model.mbps))) << model.name;
    EXPECT_EQ(port.link_type == LinkType::infiniband, model.driver.infiniband) << model.name;
    ASSERT_THAT(port.vfs, SizeIs(4)) << model.name;
    for (const Vf& vf : port.vfs) {
      EXPECT_EQ(vf.state, VfState::ready) << model.name;
      EXPECT_EQ(vf.rdma_device.empty(), !model.driver.rdma) << model.name;
    }
  }
}

TEST_F(Machine, SysfsFollowsMovesAndRenames) {
  plug("mlx5");
  EXPECT_EQ(located().link, "eth0v0");
  EXPECT_EQ(located().rdma_device, "mlx5_1");
  EXPECT_THAT(located().char_devices, ElementsAre("uverbs1", "umad1"));
  ASSERT_EQ(move_to_pod(), 0);
  EXPECT_EQ(located().link, "");
  EXPECT_EQ(scanned().vfs[0].state, VfState::away);
  const NetNs host = NetNs::fake(FakeNode::kHost);
  ASSERT_EQ(change({.netns = &host}), 0);
  EXPECT_EQ(located().link, "net1");
  ASSERT_EQ(change({.name = "eth0v0"}), 0);
  EXPECT_EQ(located().link, "eth0v0");
}

TEST_F(Machine, SysfsFollowsCarrierAndSpeed) {
  plug("igb");
  port().lose_carrier();
  EXPECT_EQ(scanned().line_rate, std::nullopt);
  EXPECT_FALSE(scanned().carrier);
  port().restore_carrier(100);
  EXPECT_EQ(scanned().line_rate, BitRate::mbps(100));
  EXPECT_TRUE(scanned().carrier);
}

TEST_F(Machine, SysfsFollowsTheNumberOfVfs) {
  plug("mlx5");
  ASSERT_EQ(port().set_vfs(0), 0);
  EXPECT_THAT(scanned().vfs, IsEmpty());
  machine->drive("0000:3b:00.0 mlx5_core: creating 2 VFs …");
  ASSERT_THAT(scanned().vfs, SizeIs(2));
  EXPECT_EQ(scanned().vfs[1].link, "eth0v1");
  port().lose_vf(1);
  EXPECT_EQ(scanned().vfs[1].state, VfState::pending);
  EXPECT_EQ(scanned().vfs[1].rdma_device, "");
}

TEST_F(Machine, SysfsShowsALinkThatADeviceMadeAgain) {
  plug("ipoib");
  FakeRdmaDevices devices(machine->node().rdma(), FakeNode::kHost);
  ASSERT_THAT(devices.move_to(1, NetNs::fake(pod)), IsOk());
  EXPECT_EQ(located().link, "ib1");
  ASSERT_EQ(move_to_pod(), 0);
  EXPECT_EQ(located().link, "");
}

TEST_F(Machine, AProcessDiesBeforeTheRequestAndAnotherOneBegins) {
  plug("mlx5");
  bool told = false;
  machine->die_before(2, [&] { told = true; });
  EXPECT_THAT(kernel().rdma().value()->list(), IsOk());
  EXPECT_FALSE(told);
  EXPECT_NE(errno_of(kernel().links().change(2, {.up = false})), -1);
  EXPECT_TRUE(told);
  EXPECT_TRUE(port().port().link.up) << "without effect";
  EXPECT_THAT(kernel().rdma().value()->list(), FailsWith(Code::internal, "dead"));
  EXPECT_THAT(kernel().devlink().value()->rates({.name = "x"}), FailsWith(Code::internal, "dead"));
  machine->revive();
  EXPECT_THAT(kernel().links().list(), IsOk());
}

}  // namespace
}  // namespace sluice
