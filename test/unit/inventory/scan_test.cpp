#include "pkg/inventory/scan.h"

#include "test/support/result_matchers.h"
#include "test/support/sysfs_tree.h"

namespace sluice {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Names = std::vector<std::string>;

constexpr const char* kPort = "0000:3b:00.0";
constexpr const char* kOther = "0000:5e:00.0";

PciAddress address(const char* text) {
  return *PciAddress::parse(text);
}

std::vector<VfState> states(const Port& port) {
  std::vector<VfState> all;
  for (const Vf& vf : port.vfs) all.push_back(vf.state);
  return all;
}

class ScanTest : public ::testing::Test {
 protected:
  /// The first port, or an empty one after a failure.
  Port first_port() {
    const auto inventory = scan(tree_.root());
    EXPECT_THAT(inventory, IsOk());
    EXPECT_THAT(inventory->problems, IsEmpty());
    return inventory->ports.empty() ? Port() : inventory->ports.front();
  }

  SysfsTree tree_;
};

TEST_F(ScanTest, SaysEverythingAboutAPort) {
  tree_.pf(kPort, {.vfs = 1, .total_vfs = 16, .numa_node = "1", .rdma = true});

  const Port port = first_port();

  EXPECT_EQ(port.address, address(kPort));
  EXPECT_EQ(port.state, PortState::ready);
  EXPECT_EQ(port.driver, "mlx5_core");
  EXPECT_EQ(port.link, "eth0");
  EXPECT_EQ(port.bond, "");
  EXPECT_EQ(port.vendor_id, 0x15b3);
  EXPECT_EQ(port.device_id, 0x101d);
  EXPECT_EQ(port.line_rate, BitRate::gbps(100));
  EXPECT_TRUE(port.carrier);
  EXPECT_EQ(port.link_type, LinkType::ethernet);
  EXPECT_EQ(port.numa_node, 1);
  EXPECT_EQ(port.pcie_root, "pci0000:3a");
  EXPECT_EQ(port.eswitch_mode, std::nullopt);
  EXPECT_EQ(port.total_vfs, 16);
  EXPECT_EQ(port.rdma_device, "mlx5_0");
  EXPECT_EQ(port.char_devices, (Names{"uverbs0", "umad0"}));
  ASSERT_THAT(port.vfs, SizeIs(1));
  EXPECT_EQ(port.vfs[0].address, address("0000:3b:02.0"));
  EXPECT_EQ(port.vfs[0].state, VfState::ready);
  EXPECT_EQ(port.vfs[0].link, "eth0v0");
  EXPECT_EQ(port.vfs[0].rdma_device, "mlx5_1");
  EXPECT_EQ(port.vfs[0].char_devices, (Names{"uverbs1", "umad1"}));
}

TEST_F(ScanTest, ListsPortsAndVfsInOrderAndNothingElse) {
  tree_.pf(kOther).pf(kPort, {.vfs = 12, .total_vfs = 12}).function("0000:00:1f.0");
  tree_.write("bus/pci/devices/0000:01:00.0/sriov_totalvfs", "32");  // A disk with VFs.
  tree_.write("bus/pci/devices/0000:01:00.0/class", "0x010802");

  ASSERT_OK_AND_ASSIGN(const Inventory inventory, scan(tree_.root()));

  ASSERT_THAT(inventory.ports, SizeIs(2));
  ASSERT_THAT(inventory.ports[0].vfs, SizeIs(12));
  for (int i = 0; i < 12; ++i) {
    EXPECT_EQ(inventory.ports[0].vfs[static_cast<std::size_t>(i)].index, i);
  }
  EXPECT_EQ(inventory.find_port(address(kOther)), &inventory.ports[1]);
  EXPECT_EQ(inventory.find_port(address("0000:01:00.0")), nullptr);
}

TEST_F(ScanTest, UnknownIsNotZero) {
  tree_.pf(kPort, {.speed = "-1", .carrier = "0", .numa_node = "-1"});

  const Port port = first_port();

  EXPECT_EQ(port.numa_node, std::nullopt);
  EXPECT_EQ(port.line_rate, std::nullopt);
  EXPECT_FALSE(port.carrier);
}

TEST_F(ScanTest, KnowsInfiniband) {
  tree_.pf(kPort, {.speed = "-1", .type = "32", .rdma = true});
  tree_.pf(kOther, {.link = "", .rdma = true});

  ASSERT_OK_AND_ASSIGN(const Inventory inventory, scan(tree_.root()));

  EXPECT_EQ(inventory.ports[0].link_type, LinkType::infiniband);
  EXPECT_EQ(inventory.ports[0].line_rate, BitRate::gbps(100));
  EXPECT_EQ(inventory.ports[1].link_type, LinkType::infiniband);
  EXPECT_EQ(inventory.ports[1].state, PortState::no_link);
}

TEST_F(ScanTest, K07_AVfWhoseLinkIsNotThereYetIsPending) {
  tree_.pf(kPort, {.vfs = 2, .vf_driver = "iavf", .vf_link = ""});
  tree_.add_link("0000:3b:02.1", "late", "");

  EXPECT_THAT(states(first_port()), ElementsAre(VfState::pending, VfState::ready));
}

TEST_F(ScanTest, K08_TellsUnboundAndVfioFromTheRest) {
  tree_.pf(kPort, {.vfs = 1, .vf_driver = ""}).pf(kOther, {.vfs = 1, .vf_driver = "vfio-pci"});

  ASSERT_OK_AND_ASSIGN(const Inventory inventory, scan(tree_.root()));

  EXPECT_THAT(states(inventory.ports[0]), ElementsAre(VfState::unbound));
  EXPECT_THAT(states(inventory.ports[1]), ElementsAre(VfState::vfio));
}

TEST_F(ScanTest, KnowsTheGroupOfAVfForAVirtualMachine) {
  tree_.pf(kPort, {.vfs = 2, .vf_driver = "vfio-pci"});
  tree_.make_link(SysfsTree::device("0000:3b:02.1") + "/iommu_group",
                  "../../../kernel/iommu_groups/12");

  const Port port = first_port();

  EXPECT_EQ(port.vfs[0].iommu_group, "");
  EXPECT_EQ(port.vfs[1].iommu_group, "12");
}

TEST_F(ScanTest, KnowsTheLayoutOfVirtio) {
  tree_.pf(kPort, {.vfs = 2, .driver = "virtio-pci", .link = "", .vf_driver = "virtio-pci"});
  const std::string vf0 = SysfsTree::device("0000:3b:02.0");
  const std::string vf1 = SysfsTree::device("0000:3b:02.1");
  tree_.write(SysfsTree::device(kPort) + "/virtio3/net/ens1/type", "1");
  tree_.remove(vf0 + "/net").write(vf0 + "/virtio4/net/ens1v0/mtu", "1500");
  tree_.remove(vf1 + "/net").write(vf1 + "/virtio5/net/x/mtu", "1500");
  tree_.remove(vf1 + "/virtio5/net/x");
  Names asked;

  ASSERT_OK_AND_ASSIGN(
      const Inventory inventory,
      scan(tree_.root(), [&](const Names& parents) -> Result<std::vector<AwayLink>> {
        asked = parents;
        return std::vector<AwayLink>{{"virtio5", "net1", 77}};
      }));

  EXPECT_EQ(inventory.ports[0].link, "ens1");
  EXPECT_THAT(states(inventory.ports[0]), ElementsAre(VfState::ready, VfState::away));
  EXPECT_EQ(asked, Names{"virtio5"});
  EXPECT_EQ(inventory.ports[0].vfs[1].link, "net1");
}

TEST_F(ScanTest, AsksOnceForAllLinksThatAreAway) {
  tree_.pf(kPort, {.vfs = 3});
  tree_.take_link_away("0000:3b:02.0").take_link_away("0000:3b:02.2");
  std::vector<Names> asked;
  const auto finder = [&](const Names& parents) -> Result<std::vector<AwayLink>> {
    asked.push_back(parents);
    return std::vector<AwayLink>{{"0000:3b:02.2", "net1", 4711}, {"0000:99:00.0", "x", 1}};
  };

  ASSERT_OK_AND_ASSIGN(const Inventory inventory, scan(tree_.root(), finder));

  EXPECT_THAT(asked, ElementsAre(Names{"0000:3b:02.0", "0000:3b:02.2"}));
  const Port& port = inventory.ports[0];
  EXPECT_THAT(states(port), ElementsAre(VfState::away, VfState::ready, VfState::away));
  EXPECT_EQ(port.vfs[0].link, "");
  EXPECT_EQ(port.vfs[2].link, "net1");
  EXPECT_EQ(port.vfs[2].netns_cookie, 4711U);
}

TEST_F(ScanTest, LooksIntoNoNamespaceWhileAllLinksAreHere) {
  tree_.pf(kPort, {.vfs = 2});
  bool asked = false;

  ASSERT_THAT(scan(tree_.root(),
                   [&](const Names&) -> Result<std::vector<AwayLink>> {
                     asked = true;
                     return std::vector<AwayLink>();
                   }),
              IsOk());

  EXPECT_FALSE(asked);
}

TEST_F(ScanTest, FailsWhenTheOtherNamespacesCannotBeSearched) {
  tree_.pf(kPort, {.vfs = 1}).take_link_away("0000:3b:02.0");

  EXPECT_THAT(
      scan(tree_.root(),
           [](const Names&) -> Result<std::vector<AwayLink>> {
             return Error::from_errno(EPERM, "list links");
           }),
      FailsWith(Code::permission_denied, "look for links in other namespaces: list links: EPERM"));
}

TEST_F(ScanTest, K35_ReportsAPortInABondOrInAnotherNamespace) {
  tree_.pf(kPort).pf(kOther);
  tree_.make_link(SysfsTree::device(kPort) + "/net/eth0/master", "../../../virtual/net/bond0");
  tree_.take_link_away(kOther);

  ASSERT_OK_AND_ASSIGN(const Inventory inventory, scan(tree_.root()));

  EXPECT_EQ(inventory.ports[0].bond, "bond0");
  EXPECT_EQ(inventory.ports[1].state, PortState::away);
  EXPECT_EQ(inventory.ports[1].link, "");
}

TEST_F(ScanTest, K37_LeavesOutWhatVanishesMeanwhile) {
  tree_.pf(kPort, {.vfs = 2, .rdma = true}).pf(kOther);
  tree_.break_file(SysfsTree::device("0000:3b:02.0") + "/infiniband_verbs/uverbs1/ibdev");
  tree_.break_file(SysfsTree::device(kOther) + "/vendor");

  ASSERT_OK_AND_ASSIGN(const Inventory inventory, scan(tree_.root()));

  EXPECT_THAT(inventory.problems, IsEmpty());
  ASSERT_THAT(inventory.ports, SizeIs(1));
  EXPECT_THAT(inventory.ports[0].vfs, ElementsAre(Field(&Vf::index, 1)));
}

TEST_F(ScanTest, APortThatCannotBeReadIsAProblemAndTheOthersAreServed) {
  tree_.pf(kPort).pf(kOther);
  tree_.remove(SysfsTree::device(kPort) + "/vendor");
  tree_.write(SysfsTree::device(kPort) + "/vendor/is-a-directory", "");

  ASSERT_OK_AND_ASSIGN(const Inventory inventory, scan(tree_.root()));

  EXPECT_THAT(inventory.problems, ElementsAre("port 0000:3b:00.0: read 'vendor': EISDIR"));
  EXPECT_THAT(inventory.ports, ElementsAre(Field(&Port::address, address(kOther))));
}

TEST_F(ScanTest, FailsWithoutAPciBus) {
  tree_.remove("bus");

  EXPECT_THAT(scan(tree_.root()), FailsWith(Code::not_found, "no 'bus/pci/devices' in this sysfs"));
}

TEST_F(ScanTest, NeverReadsSriovNumvfs) {
  tree_.pf(kPort, {.vfs = 2});
  tree_.break_file(SysfsTree::device(kPort) + "/sriov_numvfs");

  EXPECT_THAT(first_port().vfs, SizeIs(2));
}

TEST_F(ScanTest, ScanPortFindsOnlyPorts) {
  tree_.pf(kPort, {.vfs = 1}).function("0000:00:1f.0");

  EXPECT_EQ((*scan_port(tree_.root(), address(kPort)))->vfs.size(), 1U);
  EXPECT_EQ(*scan_port(tree_.root(), address("0000:00:1f.0")), std::nullopt);
  EXPECT_EQ(*scan_port(tree_.root(), address("0000:3b:02.0")), std::nullopt);
  EXPECT_EQ(*scan_port(tree_.root(), address("0000:99:00.0")), std::nullopt);
}

}  // namespace
}  // namespace sluice
