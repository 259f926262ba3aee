#include <fstream>

#include "pkg/netlink/kernel_addresses.h"
#include "pkg/netlink/kernel_links.h"
#include "test/contract/source_routing_contract.h"
#include "test/netns/fresh_netns.h"

namespace sluice {
namespace {

/// A veth pair, both ends up, in a namespace of its own. The sockets keep the namespace alive.
AddressesWorld kernel_world() {
  const NetNs netns = fresh_netns().value();
  KernelLinks links = KernelLinks::open(&netns).value();
  const Result<> added = links.add({.kind = LinkKind::veth, .name = "lane0", .peer_name = "peer0"});
  EXPECT_THAT(added, IsOk());
  for (const char* name : {"peer0", "lane0"}) {
    EXPECT_THAT(links.change(links.find(name).value()->index, {.up = true}), IsOk());
  }
  auto addresses = KernelAddresses::open(&netns).value();
  return {.addresses = std::make_unique<KernelAddresses>(std::move(addresses)),
          .link = links.find("lane0").value()->index,
          .other_link = links.find("peer0").value()->index};
}

INSTANTIATE_TEST_SUITE_P(Kernel, AddressesContract, testing::Values(kernel_world));
INSTANTIATE_TEST_SUITE_P(Kernel, SourceRoutingContract, testing::Values(kernel_world));

class KernelAddressesTest : public testing::Test {
 protected:
  /// A file below /proc/thread-self/net as a thread inside the namespace sees it.
  Result<std::string> read_net(const std::string& name) const {
    return run_in(netns_, [&]() -> Result<std::string> {
      std::ifstream file("/proc/thread-self/net/" + name);
      return std::string(std::istreambuf_iterator<char>(file), {});
    });
  }

  void SetUp() override {
    ASSERT_THAT(links_.add({.kind = LinkKind::veth, .name = "lane0", .peer_name = "peer0"}),
                IsOk());
    ASSERT_OK_AND_ASSIGN(const auto link, links_.find("lane0"));
    link_ = link->index;
    ASSERT_THAT(links_.change(link_, {.up = true}), IsOk());
  }

  NetNs netns_ = fresh_netns().value();
  KernelLinks links_ = KernelLinks::open(&netns_).value();
  KernelAddresses addresses_ = KernelAddresses::open(&netns_).value();
  int link_ = 0;
};

TEST_F(KernelAddressesTest, Ipv6AddressIsUsableAtOnce) {
  ASSERT_THAT(addresses_.add_address(link_, IpPrefix::parse("2001:db8::1/64").value()), IsOk());
  ASSERT_OK_AND_ASSIGN(const std::string table, read_net("if_inet6"));
  // Columns: address, index, length, scope, flags, name; IFA_F_PERMANENT 0x80 | IFA_F_NODAD 0x02.
  EXPECT_THAT(table, testing::ContainsRegex("20010db8000000000000000000000001 [0-9a-f]+ 40 00 82"));
}

TEST_F(KernelAddressesTest, NeighbourIsPermanentAndTheLastOneSet) {
  const IpAddress neighbour = IpAddress::parse("192.0.2.9").value();
  ASSERT_THAT(addresses_.set_neighbour(link_, neighbour, "02:00:5e:10:00:01"), IsOk());
  ASSERT_THAT(addresses_.set_neighbour(link_, neighbour, "02:00:5e:10:00:02"), IsOk());
  ASSERT_OK_AND_ASSIGN(const std::string table, read_net("arp"));
  // Flags: ATF_PERM 0x4 | ATF_COM 0x2 (linux/if_arp.h).
  EXPECT_THAT(table, testing::ContainsRegex("192.0.2.9 +0x1 +0x6 +02:00:5e:10:00:02 .*lane0"));
}

TEST_F(KernelAddressesTest, RouteOfAHighTableIsThere) {
  const IpPrefix destination = IpPrefix::parse("2001:db8:1::/48").value();
  ASSERT_THAT(addresses_.add_route(link_, {.destination = destination, .table = 1000}), IsOk());
  ASSERT_OK_AND_ASSIGN(const std::string table, read_net("ipv6_route"));  // Of all tables.
  EXPECT_THAT(table, testing::HasSubstr("20010db8000100000000000000000000 30 "));
}

}  // namespace
}  // namespace sluice
