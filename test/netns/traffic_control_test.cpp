#include "pkg/netlink/kernel_links.h"
#include "pkg/netlink/kernel_traffic_control.h"
#include "test/contract/traffic_control_contract.h"
#include "test/netns/fresh_netns.h"

namespace sluice {
namespace {

/// A veth pair, both ends up, in a namespace of its own. The sockets keep the namespace alive.
TrafficControlWorld kernel_world() {
  const NetNs netns = fresh_netns().value();
  KernelLinks links = KernelLinks::open(&netns).value();
  EXPECT_THAT(links.add({.kind = LinkKind::veth, .name = "up0", .peer_name = "peer0"}), IsOk());
  const int uplink = links.find("up0").value()->index;
  const int peer = links.find("peer0").value()->index;
  for (const int index : {uplink, peer}) EXPECT_THAT(links.change(index, {.up = true}), IsOk());
  auto tc = KernelTrafficControl::open(&netns).value();
  return {.tc = std::make_unique<KernelTrafficControl>(std::move(tc)),
          .link = uplink,
          .other_link = peer};
}

INSTANTIATE_TEST_SUITE_P(Kernel, TrafficControlContract, testing::Values(kernel_world));

}  // namespace
}  // namespace sluice
