// ADD and DEL by what the device is and can do.
#include <fstream>

#include "pkg/inventory/locate_vf.h"
#include "test/unit/cni/task_fixture.h"

namespace sluice::cni {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Devices : public TaskTest {
 protected:
  VfInfo& info(int index) { return kernel->node().vf("eth0", index).info; }

  void choose(const std::string& device) {
    conf.device = device;
    conf.lane.made_of = OfVf{*PciAddress::parse(device)};
  }

  /// VF 0 without a link, as with vfio-pci; without any driver when that is empty.
  void bind(const std::string& driver) {
    const std::string link = SysfsTree::device(vf(0)) + "/driver";
    tree->take_link_away(vf(0)).remove(link);
    if (!driver.empty()) tree->make_link(link, "../../../bus/pci/drivers/" + driver);
    kernel->node().take_away("eth0v0");
    kernel->log().clear();
  }

  /// Nothing was asked of the kernel that changes a VF or moves a link.
  void expect_untouched() {
    EXPECT_THAT(kernel->log().matching("set_vf"), IsEmpty());
    EXPECT_THAT(kernel->log().matching("netns="), IsEmpty());
    EXPECT_EQ(recorded(), 0U);
  }
};

TEST_F(Devices, C30_AppliesSwitchesAndDelRestoresThem) {
  conf.lane.settings = {.spoofchk = false, .trust = true, .link_state = VfLinkState::enable};
  ASSERT_TRUE(perform(add));
  EXPECT_EQ(info(0).spoofchk, false);
  EXPECT_EQ(info(0).trust, true);
  EXPECT_EQ(info(0).link_state, VfLinkState::enable);

  ASSERT_TRUE(perform(del));
  EXPECT_EQ(info(0).spoofchk, true);
  EXPECT_EQ(info(0).trust, false);
  EXPECT_EQ(info(0).link_state, VfLinkState::automatic);
  expect_baseline(0);
}

TEST_F(Devices, C31_AVfOfAVirtualMachineIsConfiguredThroughItsPort) {
  bind("vfio-pci");
  conf.lane.settings.vlan = VlanTag{.id = 1234, .qos = 4};
  const TestIpam ipam(dir / "");

  const auto result = perform(add, ipam.settings());

  ASSERT_TRUE(result) << result.error().message;
  EXPECT_THAT(
      result->interfaces,
      ElementsAre(Interface{
          .name = "net1", .mac = "", .mtu = 0, .sandbox = "/run/netns/p1", .pci_id = vf(0)}));
  ASSERT_EQ(result->ips.size(), 1U);
  EXPECT_EQ(result->ips[0].address.to_string(), "192.0.2.1/24");
  EXPECT_EQ(ipam.calls(), "ADD ");
  EXPECT_EQ(info(0).vlan->id, 1234);
  EXPECT_EQ(in_pod("net1"), nullptr);
  EXPECT_THAT(kernel->log().matching("netns="), IsEmpty());
  for (const auto& [link, table] : kernel->node().addresses(netns("p1"))->links) {
    EXPECT_THAT(table.addresses, IsEmpty()) << link;
  }

  ASSERT_TRUE(perform(del, ipam.settings()));
  EXPECT_EQ(info(0).vlan->id, 0);
  EXPECT_EQ(recorded(), 0U);
  EXPECT_EQ(ipam.calls(), "ADD DEL ");
}

TEST_F(Devices, C34_InSharedModeTheRdmaDeviceStaysAndIsInTheDeviceInfo) {
  tree = std::make_unique<SysfsTree>();
  tree->pf(kPort, {.vfs = 4, .driver = "mlx5_core", .rdma = true});
  sysfs = std::make_unique<Dir>(tree->root());
  const std::string device = locate_vf(*sysfs, SysfsTree::vf(kPort, 0))->rdma_device;
  kernel->node().rdma()->add(device, FakeNode::kHost);
  kernel->node().rdma()->mode = RdmaNetnsMode::shared;
  restart();
  conf.device_info_file = dir / "a.json";

  ASSERT_TRUE(perform(add));

  EXPECT_NE(in_pod("net1"), nullptr);
  EXPECT_EQ(kernel->node().rdma()->devices.at(0).netns, FakeNode::kHost);
  std::string text;
  std::getline(std::ifstream(conf.device_info_file), text);
  EXPECT_THAT(text, HasSubstr(fmt::format(R"("rdma-device":"{}")", device)));
}

TEST_F(Devices, C41_APortIsNoVf) {
  choose(kPort);
  EXPECT_THAT(perform(add), FailsAs(ErrorCode::invalid_config, "0000:3b:00.0 is a port, not a VF"));
  expect_untouched();
}

TEST_F(Devices, C41_AFunctionWithoutSriovIsNoVf) {
  tree->function("0000:5e:00.0");
  choose("0000:5e:00.0");
  EXPECT_THAT(perform(add), FailsAs(ErrorCode::invalid_config, "0000:5e:00.0 is not a VF"));
  expect_untouched();
}

TEST_F(Devices, C41_AVfThatIsNoNetworkDeviceIsNotUsable) {
  bind("nvme");
  tree->write(SysfsTree::device(vf(0)) + "/class", "0x010802");
  EXPECT_THAT(perform(add), FailsAs(ErrorCode::not_found,
                                    "VF 0000:3b:02.0 is not a network device (class '0x010802')"));
  expect_untouched();
}

TEST_F(Devices, C41_AVfWithoutADriverIsNotUsable) {
  bind("");
  EXPECT_THAT(perform(add), FailsAs(ErrorCode::not_found, "VF 0000:3b:02.0 has no driver"));
  expect_untouched();
}

TEST_F(Devices, C44_ACeilingAboveThePortsSpeedIsRefusedWithBothNumbers) {
  conf.lane.ceiling = BitRate::mbps(100'001);
  EXPECT_THAT(
      perform(add),
      FailsAs(ErrorCode::invalid_config,
              "port 0000:3b:00.0: ceiling 100.001 Gbit/s is above the line rate 100 Gbit/s"));
  expect_untouched();
  conf.lane.ceiling = BitRate::gbps(100);
  EXPECT_TRUE(perform(add));
}

}  // namespace
}  // namespace sluice::cni
