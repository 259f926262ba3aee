#include <rdma/rdma_netlink.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>

#include <cstdio>

#include "pkg/netlink/kernel_addresses.h"
#include "pkg/netlink/kernel_links.h"
#include "pkg/netlink/kernel_rdma_devices.h"
#include "pkg/netlink/monitor.h"
#include "test/contract/rdma_devices_contract.h"
#include "test/netns/fresh_netns.h"

namespace sluice {
namespace {

/// Soft-RoCE devices learnt to move in Linux 7.3 (facts of drivers/infiniband/sw/rxe).
std::string why_rxe_stays() {
  utsname system{};
  ::uname(&system);
  int major = 0;
  int minor = 0;
  std::sscanf(system.release, "%d.%d", &major, &minor);
  if (major > 7 || (major == 7 && minor >= 3)) return {};
  return std::string("soft-RoCE moves on Linux 7.3 and later, this is ") + system.release;
}

/// A pair of links in this namespace; the first index is the end named `name`.
Result<int> add_link(const std::string& name) {
  KernelLinks links = TRY(KernelLinks::open());
  TRY(links.add({.kind = LinkKind::veth, .name = name, .peer_name = name + "p"}));
  for (const std::string& end : {name + "p", name}) {
    const std::optional<Link> link = TRY(links.find(end));
    TRY(links.change(link.value().index, {.up = true}));
  }
  const std::optional<Link> link = TRY(links.find(name));
  return link.value().index;
}

Result<> add_rxe(const std::string& name, const std::string& link) {
  Socket socket = TRY(Socket::open(NETLINK_RDMA));
  Message message(RDMA_NL_GET_TYPE(RDMA_NL_NLDEV, RDMA_NLDEV_CMD_NEWLINK));
  message.put_text(RDMA_NLDEV_ATTR_DEV_NAME, name);
  message.put_text(RDMA_NLDEV_ATTR_LINK_TYPE, "rxe");
  message.put_text(RDMA_NLDEV_ATTR_NDEV_NAME, link);
  return socket.request(message, "add soft-RoCE device");
}

/// Each world has names of its own: a device goes some time after its link.
Result<RdmaDevicesWorld> make_world() {
  static int count = 0;
  const std::string suffix = std::to_string(count++);
  RdmaDevicesWorld world{.name = "rxe_lab" + suffix, .cannot_move = why_rxe_stays()};
  world.link = TRY(add_link("rlab" + suffix));
  TRY(add_rxe(world.name, "rlab" + suffix));
  world.add_address = [link = world.link](const IpPrefix& prefix) -> Result<> {
    KernelAddresses addresses = TRY(KernelAddresses::open());
    return addresses.add_address(link, prefix);
  };
  world.here_ns = std::make_shared<const NetNs>(TRY(NetNs::current()));
  world.there_ns = std::make_shared<const NetNs>(TRY(fresh_netns()));
  world.here = std::make_unique<KernelRdmaDevices>(TRY(KernelRdmaDevices::open(*world.here_ns)));
  world.there = std::make_unique<KernelRdmaDevices>(TRY(KernelRdmaDevices::open(*world.there_ns)));
  return world;
}

RdmaDevicesWorld kernel_world() {
  if (!Socket::open(NETLINK_RDMA)) return {.skip = "this kernel has no RDMA"};
  Result<RdmaDevicesWorld> world = make_world();
  EXPECT_THAT(world, IsOk());
  if (!world) return {.skip = world.error().message()};
  return std::move(world).release();
}

INSTANTIATE_TEST_SUITE_P(Kernel, RdmaDevicesContract, testing::Values(kernel_world));
INSTANTIATE_TEST_SUITE_P(Kernel, SharedRdmaContract, testing::Values(kernel_world));
INSTANTIATE_TEST_SUITE_P(Kernel, ExclusiveRdmaContract, testing::Values(kernel_world));

TEST(KernelRdmaDevices, CharDeviceIsTheOneInDev) {
  RdmaDevicesWorld world = kernel_world();
  if (!world.skip.empty()) GTEST_SKIP() << world.skip;
  ASSERT_OK_AND_ASSIGN(const auto devices, world.here->list());
  for (const RdmaDevice& device : devices) {
    ASSERT_OK_AND_ASSIGN(const auto found, world.here->char_device(device.index, "uverbs"));
    ASSERT_NE(found, std::nullopt);
    const std::string path = "/sys/class/infiniband_verbs/" + found->name + "/dev";
    std::FILE* const file = std::fopen(path.c_str(), "re");
    ASSERT_NE(file, nullptr) << path;
    unsigned major_number = 0;
    unsigned minor_number = 0;
    EXPECT_EQ(std::fscanf(file, "%u:%u", &major_number, &minor_number), 2);
    std::fclose(file);
    EXPECT_EQ(found->number, ::makedev(major_number, minor_number)) << path;
  }
}

TEST(Monitor, WakesForAnRdmaDeviceThatComes) {
  ASSERT_OK_AND_ASSIGN(Monitor monitor, Monitor::open());
  const RdmaDevicesWorld world = kernel_world();
  if (!world.skip.empty()) GTEST_SKIP() << world.skip;
  ASSERT_OK_AND_ASSIGN(const Changes changes, monitor.drain());
  EXPECT_TRUE(changes.rdma);
  EXPECT_TRUE(changes.links);
}

}  // namespace
}  // namespace sluice
