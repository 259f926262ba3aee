// Two lanes of one pod in one subnet, on a real wire.
#include "pkg/netlink/source_routing.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>

#include "pkg/netlink/kernel_addresses.h"
#include "pkg/netlink/kernel_links.h"
#include "test/netns/fresh_netns.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

constexpr std::uint16_t kPort = 4791;

IpAddress ip(const std::string& text) {
  return IpAddress::parse(text).value();
}

std::string read_ip(const std::uint8_t* bytes, std::size_t size) {
  return IpAddress::from_bytes(bytes, size).to_string();
}

sockaddr_storage socket_address(const IpAddress& address, std::uint16_t port) {
  sockaddr_storage storage{};
  if (address.is_v6()) {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&v6.sin6_addr, address.data(), address.size());
  } else {
    auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&v4.sin_addr, address.data(), address.size());
  }
  return storage;
}

/// An UDP socket in `netns` that sends from `address`.
UniqueFd udp_socket(const NetNs& netns, const IpAddress& address) {
  return run_in(netns,
                [&]() -> Result<UniqueFd> {
                  UniqueFd fd(
                      ::socket(address.is_v6() ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
                  const sockaddr_storage own = socket_address(address, kPort);
                  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&own), sizeof(own)) != 0) {
                    return Error::from_errno(errno, "bind");
                  }
                  return fd;
                })
      .value();
}

void send_to(const UniqueFd& socket, const IpAddress& address) {
  const sockaddr_storage to = socket_address(address, kPort);
  static_cast<void>(
      ::sendto(socket.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof(to)));
}

/// A datagram's source, or the address that an ARP answer is about; empty for all else.
struct Arrival {
  MacAddress mac;  ///< Of the sender.
  std::string datagram_from;
  std::string arp_answer_for;
};

/// What arrives at one link.
class Tap {
 public:
  Tap(const NetNs& netns, int link) : fd_(run_in(netns, [link] { return open(link); }).value()) {}

  /// nullopt when nothing comes in time.
  std::optional<Arrival> next(int timeout_ms) const {
    pollfd waited{.fd = fd_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&waited, 1, timeout_ms) != 1) return std::nullopt;
    std::array<std::uint8_t, 2048> packet{};
    sockaddr_ll sender{};
    socklen_t size = sizeof(sender);
    const ssize_t length = ::recvfrom(fd_.get(), packet.data(), packet.size(), 0,
                                      reinterpret_cast<sockaddr*>(&sender), &size);
    Arrival arrival;
    if (length < 28 || sender.sll_pkttype == PACKET_OUTGOING) return arrival;
    MacAddress::Bytes mac{};
    std::memcpy(mac.data(), &sender.sll_addr[0], mac.size());
    arrival.mac = MacAddress(mac);
    switch (ntohs(sender.sll_protocol)) {
      case ETH_P_IP:
        if (packet[9] == IPPROTO_UDP) arrival.datagram_from = read_ip(&packet[12], 4);
        break;
      case ETH_P_IPV6:
        if (packet[6] == IPPROTO_UDP) arrival.datagram_from = read_ip(&packet[8], 16);
        break;
      case ETH_P_ARP:
        if (packet[7] == 2) arrival.arp_answer_for = read_ip(&packet[14], 4);  // ARPOP_REPLY
        break;
      default: break;
    }
    return arrival;
  }

 private:
  static Result<UniqueFd> open(int link) {
    UniqueFd fd(::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = link;
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
      return Error::from_errno(errno, "tap link");
    }
    return fd;
  }

  UniqueFd fd_;
};

class SourceRoutingTest : public testing::Test {
 protected:
  static constexpr const char* kSwitch4 = "192.0.2.254";
  static constexpr const char* kSwitch6 = "2001:db8::fe";

  void SetUp() override {
    ASSERT_THAT(
        far_.add(
            {.kind = LinkKind::veth, .name = "uplink0", .peer_name = "switch0", .netns = &host_}),
        IsOk());
    uplink_ = links_.find("uplink0").value()->index;
    switch_link_ = far_.find("switch0").value()->index;
    ASSERT_THAT(links_.change(uplink_, {.up = true}), IsOk());
    ASSERT_THAT(far_.change(switch_link_, {.up = true}), IsOk());
    KernelAddresses far = KernelAddresses::open(&switch_).value();
    for (const char* address : {"192.0.2.254/24", "2001:db8::fe/64"}) {
      ASSERT_THAT(far.add_address(switch_link_, IpPrefix::parse(address).value()), IsOk());
    }
    // 192.0.2.3 is what the last ARP question is about.
    lanes_[0] = add_lane("lane0", mac_of(0), {"192.0.2.1/24", "192.0.2.3/24", "2001:db8::1/64"});
    lanes_[1] = add_lane("lane1", mac_of(1), {"192.0.2.2/24", "2001:db8::2/64"});
  }

  static MacAddress mac_of(int lane) {
    return MacAddress({2, 0, 0, 0, 1, static_cast<std::uint8_t>(lane)});
  }

  SourceRouting add_lane(const char* name, const MacAddress& mac,
                         const std::vector<std::string>& addresses) {
    EXPECT_THAT(links_.add({.kind = LinkKind::macvlan,
                            .name = name,
                            .lower_index = uplink_,
                            .netns = &pod_,
                            .mac = mac}),
                IsOk());
    SourceRouting lane{
        .link = inside_.find(name).value()->index,
        .table = 1000 + mac.bytes().back(),
        .routes = {{.destination = IpPrefix::parse("0.0.0.0/0").value(), .gateway = ip(kSwitch4)}}};
    EXPECT_THAT(inside_.change(lane.link, {.up = true}), IsOk());
    for (const std::string& text : addresses) {
      lane.addresses.push_back(IpPrefix::parse(text).value());
      EXPECT_THAT(addresses_.add_address(lane.link, lane.addresses.back()), IsOk());
    }
    return lane;
  }

  void install() {
    for (const SourceRouting& lane : lanes_) {
      ASSERT_THAT(install_source_routing(addresses_, lane), IsOk());
    }
  }

  /// MAC of the lane by which a datagram of `from` leaves. The first ones are dropped until the
  /// kernel has noticed that both ends of the wire are up.
  std::optional<MacAddress> leaves_by(const std::string& from, const std::string& to) {
    const Tap tap(switch_, switch_link_);
    const UniqueFd socket = udp_socket(pod_, ip(from));
    for (int attempt = 0; attempt < 60; ++attempt) {
      send_to(socket, ip(to));
      while (const auto arrival = tap.next(500)) {
        if (arrival->datagram_from == from) return arrival->mac;
      }
    }
    return std::nullopt;
  }

  /// Lanes that answer when the switch asks for 192.0.2.2.
  std::set<std::string> answers_for_the_address_of_lane_1() {
    EXPECT_TRUE(leaves_by("192.0.2.1", kSwitch4)) << "the wire is up";
    const Tap tap(switch_, switch_link_);
    const UniqueFd socket = udp_socket(switch_, ip(kSwitch4));
    send_to(socket, ip("192.0.2.2"));
    send_to(socket, ip("192.0.2.3"));
    std::set<std::string> answers;
    bool last = false;
    while (const auto arrival = tap.next(last ? 100 : 3000)) {
      if (arrival->arp_answer_for == "192.0.2.2") answers.insert(arrival->mac.to_string());
      last |= arrival->arp_answer_for == "192.0.2.3";
    }
    EXPECT_TRUE(last);
    return answers;
  }

  const NetNs host_ = fresh_netns().value();
  const NetNs switch_ = fresh_netns().value();
  const NetNs pod_ = fresh_netns().value();
  KernelLinks links_ = KernelLinks::open(&host_).value();
  KernelLinks far_ = KernelLinks::open(&switch_).value();
  KernelLinks inside_ = KernelLinks::open(&pod_).value();
  KernelAddresses addresses_ = KernelAddresses::open(&pod_).value();
  int uplink_ = 0;
  int switch_link_ = 0;
  std::array<SourceRouting, 2> lanes_;
};

TEST_F(SourceRoutingTest, Ipv4LeavesByTheLaneWhoseAddressItHas) {
  EXPECT_EQ(leaves_by("192.0.2.1", kSwitch4), mac_of(0));
  EXPECT_EQ(leaves_by("192.0.2.2", kSwitch4), mac_of(0)) << "what the rules are for";
  install();
  EXPECT_EQ(leaves_by("192.0.2.1", kSwitch4), mac_of(0));
  EXPECT_EQ(leaves_by("192.0.2.2", kSwitch4), mac_of(1));
}

TEST_F(SourceRoutingTest, Ipv6LeavesByTheLaneWhoseAddressItHas) {
  const std::set<std::optional<MacAddress>> before = {leaves_by("2001:db8::1", kSwitch6),
                                                      leaves_by("2001:db8::2", kSwitch6)};
  EXPECT_EQ(before.size(), 1U) << "what the rules are for";
  install();
  EXPECT_EQ(leaves_by("2001:db8::1", kSwitch6), mac_of(0));
  EXPECT_EQ(leaves_by("2001:db8::2", kSwitch6), mac_of(1));
}

TEST_F(SourceRoutingTest, BeyondTheSubnetItIsTheSame) {
  ASSERT_THAT(addresses_.add_route(lanes_[0].link, lanes_[0].routes[0]), IsOk());
  EXPECT_EQ(leaves_by("192.0.2.2", "198.51.100.1"), mac_of(0)) << "what the rules are for";
  install();
  EXPECT_EQ(leaves_by("192.0.2.1", "198.51.100.1"), mac_of(0));
  EXPECT_EQ(leaves_by("192.0.2.2", "198.51.100.1"), mac_of(1));
}

TEST_F(SourceRoutingTest, AnotherLaneAnswersForAnAddressByDefault) {
  EXPECT_THAT(answers_for_the_address_of_lane_1(), testing::Contains(mac_of(0).to_string()))
      << "what arp_ignore is for";
}

TEST_F(SourceRoutingTest, OnlyTheLaneThatHasAnAddressAnswersForIt) {
  install();
  EXPECT_THAT(answers_for_the_address_of_lane_1(),
              testing::UnorderedElementsAre(mac_of(1).to_string()));
}

TEST_F(SourceRoutingTest, SettingsAreTheSysctlsOfTheNamespace) {
  install();
  // /proc/sys/net is that of the namespace of the thread that opens a file there.
  const auto sysctl = [&](const std::string& name) {
    return run_in(pod_, [&]() -> Result<std::string> {
      std::ifstream file("/proc/sys/net/ipv4/conf/lane1/" + name);
      return std::string(std::istreambuf_iterator<char>(file), {});
    });
  };
  EXPECT_EQ(sysctl("arp_ignore").value(), "1\n");
  EXPECT_EQ(sysctl("arp_announce").value(), "2\n");
  EXPECT_EQ(sysctl("rp_filter").value(), "2\n");
}

TEST_F(SourceRoutingTest, RoutesGoWithTheLinkAndRulesAreLeftToUndo) {
  install();
  ASSERT_THAT(inside_.change(lanes_[1].link, {.netns = &host_}), IsOk());
  EXPECT_THAT(addresses_.routes_in(lanes_[1].table, lanes_[1].link).value(), testing::IsEmpty());
  EXPECT_THAT(addresses_.rules().value(), testing::SizeIs(5));
  ASSERT_THAT(remove_source_rules(addresses_, lanes_[1]), IsOk());
  EXPECT_THAT(addresses_.rules().value(), testing::SizeIs(3));
  EXPECT_THAT(verify_source_routing(addresses_, lanes_[0]), IsOk());
}

}  // namespace
}  // namespace sluice
