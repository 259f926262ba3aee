#include "pkg/inventory/locate_vf.h"

#include <unistd.h>

#include "pkg/inventory/device.h"
#include "test/support/result_matchers.h"
#include "test/support/sysfs_tree.h"

namespace sluice {
namespace {

constexpr const char* kPort = "0000:3b:00.0";

PciAddress address(const char* text) {
  return *PciAddress::parse(text);
}

TEST(LocateVf, SaysEverythingAboutAVfWithRdma) {
  SysfsTree tree;
  tree.pf(kPort, {.vfs = 2, .rdma = true});

  ASSERT_OK_AND_ASSIGN(const VfLocation at, locate_vf(tree.root(), SysfsTree::vf(kPort, 1)));

  EXPECT_EQ(at, (VfLocation{.vf = address("0000:3b:02.1"),
                            .port = address(kPort),
                            .index = 1,
                            .port_driver = "mlx5_core",
                            .port_device_id = 0x101d,
                            .port_link = "eth0",
                            .driver = "mlx5_core",
                            .link = "eth0v1",
                            .rdma_device = "mlx5_2",
                            .char_devices = {"uverbs2", "umad2"}}));
}

TEST(LocateVf, TakesTheIndexFromTheLinksNotFromTheAddress) {
  SysfsTree tree;
  tree.pf(kPort, {.vfs = 2});
  tree.make_link(SysfsTree::device(kPort) + "/virtfn0", "../0000:3b:02.1");
  tree.make_link(SysfsTree::device(kPort) + "/virtfn11", "../0000:3b:02.0");
  tree.remove(SysfsTree::device(kPort) + "/virtfn1");

  EXPECT_EQ(locate_vf(tree.root(), SysfsTree::vf(kPort, 0))->index, 11);
  EXPECT_EQ(locate_vf(tree.root(), SysfsTree::vf(kPort, 1))->index, 0);
}

TEST(LocateVf, FindsNoLinkWhenItIsInAPodButItsRdmaDevice) {
  SysfsTree tree;
  tree.pf(kPort, {.vfs = 1, .rdma = true});
  tree.take_link_away("0000:3b:02.0");

  ASSERT_OK_AND_ASSIGN(const VfLocation at, locate_vf(tree.root(), SysfsTree::vf(kPort, 0)));

  EXPECT_EQ(at.link, "");
  EXPECT_EQ(at.driver, "mlx5_core");
  EXPECT_EQ(at.rdma_device, "mlx5_1");
}

TEST(LocateVf, K08_ReportsNoDriverAsEmpty) {
  SysfsTree tree;
  tree.pf(kPort, {.vfs = 1, .vf_driver = ""});

  ASSERT_OK_AND_ASSIGN(const VfLocation at, locate_vf(tree.root(), SysfsTree::vf(kPort, 0)));

  EXPECT_EQ(at.driver, "");
  EXPECT_EQ(at.link, "");
}

TEST(LocateVf, KnowsTheLayoutOfVirtio) {
  SysfsTree tree;
  tree.pf(kPort, {.vfs = 1, .driver = "virtio-pci", .link = "", .vf_driver = "virtio-pci"});
  tree.write("bus/pci/devices/0000:3b:00.0/virtio3/net/ens1/mtu", "1500");
  tree.remove("bus/pci/devices/0000:3b:02.0/net");
  tree.write("bus/pci/devices/0000:3b:02.0/virtio4/net/ens1v0/mtu", "1500");

  ASSERT_OK_AND_ASSIGN(const VfLocation at, locate_vf(tree.root(), SysfsTree::vf(kPort, 0)));

  EXPECT_EQ(at.port_link, "ens1");
  EXPECT_EQ(at.link, "ens1v0");
}

TEST(LocateVf, TakesTheUplinkNotARepresentor) {
  SysfsTree tree;
  tree.pf(kPort, {.vfs = 1, .link = "up"});
  tree.add_link(kPort, "a_rep", "pf0vf0").add_link(kPort, "b_rep", "c1pf0vf0");

  EXPECT_EQ(locate_vf(tree.root(), SysfsTree::vf(kPort, 0))->port_link, "up0");
}

TEST(LocateVf, LeavesRepresentorsUnreadOnceTheUplinkIsFound) {
  SysfsTree tree;
  tree.pf(kPort, {.vfs = 1, .link = "up"}).add_link(kPort, "up0r0", "pf0vf0");
  tree.break_file(SysfsTree::device(kPort) + "/net/up0r0/phys_port_name");

  ASSERT_OK_AND_ASSIGN(const VfLocation at, locate_vf(tree.root(), SysfsTree::vf(kPort, 0)));

  EXPECT_EQ(at.port_link, "up0");
}

TEST(LocateVf, TakesTheFirstOfSeveralPortsOfOneFunction) {
  SysfsTree tree;
  tree.pf(kPort, {.vfs = 1, .link = ""});
  tree.add_link(kPort, "a", "", "1").add_link(kPort, "b", "c1p0", "0");

  EXPECT_EQ(locate_vf(tree.root(), SysfsTree::vf(kPort, 0))->port_link, "b");
}

TEST(LocateVf, RefusesWhatIsNoVfByName) {
  SysfsTree tree;
  tree.pf(kPort).function("0000:00:1f.0");

  EXPECT_THAT(locate_vf(tree.root(), address("0000:ff:00.0")),
              FailsWith(Code::not_found, "no PCI device 0000:ff:00.0"));
  EXPECT_THAT(locate_vf(tree.root(), address(kPort)),
              FailsWith(Code::invalid_argument, "0000:3b:00.0 is a port, not a VF"));
  EXPECT_THAT(locate_vf(tree.root(), address("0000:00:1f.0")),
              FailsWith(Code::invalid_argument, "0000:00:1f.0 is not a VF"));
}

TEST(LocateVf, K37_ADeviceThatVanishesWhileReadIsNotFound) {
  SysfsTree tree;
  tree.pf(kPort, {.vfs = 1, .rdma = true});
  const std::string vf = SysfsTree::device("0000:3b:02.0");

  tree.break_file(vf + "/infiniband_verbs/uverbs1/ibdev");
  EXPECT_THAT(locate_vf(tree.root(), SysfsTree::vf(kPort, 0)),
              FailsWith(Code::not_found, "PCI device 0000:3b:02.0 is going away"));
  tree.remove(SysfsTree::device(kPort) + "/virtfn0");
  EXPECT_THAT(locate_vf(tree.root(), SysfsTree::vf(kPort, 0)),
              FailsWith(Code::not_found, "0000:3b:02.0 is not among the VFs of its port"));
  tree.remove(SysfsTree::device(kPort));
  EXPECT_THAT(locate_vf(tree.root(), SysfsTree::vf(kPort, 0)),
              FailsWith(Code::not_found, "no PCI device 0000:3b:00.0"));
}

TEST(LineRate, IsTheSpeedOfTheLink) {
  SysfsTree tree;
  tree.pf(kPort, {.speed = "2500"});

  EXPECT_EQ(*line_rate(tree.root(), address(kPort)), BitRate::mbps(2500));
}

TEST(LineRate, K03_IsUnknownWhileTheWireIsDown) {
  SysfsTree tree;
  const std::string speed = SysfsTree::device(kPort) + "/net/eth0/speed";
  tree.pf(kPort, {.speed = "-1"});
  EXPECT_EQ(*line_rate(tree.root(), address(kPort)), std::nullopt);

  tree.remove(speed);
  EXPECT_EQ(*line_rate(tree.root(), address(kPort)), std::nullopt);

  if (::geteuid() != 0) GTEST_SKIP() << "the file that answers EINVAL is root's";
  tree.make_link(speed, "/proc/self/clear_refs");  // Write-only: a read is EINVAL.
  ASSERT_OK_AND_ASSIGN(const auto rate, line_rate(tree.root(), address(kPort)));
  EXPECT_EQ(rate, std::nullopt);
}

TEST(LineRate, OfAnInfinibandPortIsItsRate) {
  SysfsTree tree;
  tree.pf(kPort, {.link = "", .rdma = true});
  const std::string rate = SysfsTree::device(kPort) + "/infiniband/mlx5_0/ports/1/rate";
  EXPECT_EQ(*line_rate(tree.root(), address(kPort)), BitRate::gbps(100));

  tree.write(rate, "2.5 Gb/sec (1X SDR)");
  EXPECT_EQ(*line_rate(tree.root(), address(kPort)), BitRate::mbps(2500));

  for (const char* odd : {"", "fast", "100 Mb/sec", "2.55 Gb/sec", "-1 Gb/sec"}) {
    tree.write(rate, odd);
    EXPECT_EQ(*line_rate(tree.root(), address(kPort)), std::nullopt) << odd;
  }
}

TEST(LineRate, NamesThePortThatIsMissing) {
  SysfsTree tree;

  EXPECT_THAT(line_rate(tree.root(), address(kPort)),
              FailsWith(Code::not_found, "no PCI device 0000:3b:00.0"));
}

}  // namespace
}  // namespace sluice
