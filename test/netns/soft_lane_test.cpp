#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <map>

#include "pkg/fs/dir.h"
#include "pkg/lane/lanes.h"
#include "pkg/lane/providers.h"
#include "pkg/netlink/kernel_addresses.h"
#include "pkg/netlink/kernel_links.h"
#include "pkg/netlink/live_kernel.h"
#include "test/netns/fresh_netns.h"
#include "test/support/result_matchers.h"
#include "test/support/temp_dir.h"

namespace sluice {
namespace {

Result<std::unique_ptr<LiveKernel>> open_kernel() {
  return LiveKernel::open();
}

/// An UDP socket in `netns` on port 4791 of `address`, which gives up after a second.
UniqueFd udp_socket(const NetNs& netns, const char* address) {
  return run_in(netns,
                [&]() -> Result<UniqueFd> {
                  UniqueFd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
                  const timeval timeout{.tv_sec = 1, .tv_usec = 0};
                  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
                  sockaddr_in own{};
                  own.sin_family = AF_INET;
                  own.sin_port = htons(4791);
                  ::inet_pton(AF_INET, address, &own.sin_addr);
                  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&own), sizeof(own)) != 0) {
                    return Error::from_errno(errno, "bind");
                  }
                  return fd;
                })
      .value();
}

/// Whether a datagram gets from one socket to the other within half a minute: the first ones are
/// dropped until the kernel has noticed that both ends of the wire are up.
bool reaches(const UniqueFd& from, const UniqueFd& to, const char* address) {
  sockaddr_in target{};
  target.sin_family = AF_INET;
  target.sin_port = htons(4791);
  ::inet_pton(AF_INET, address, &target.sin_addr);
  char byte = 'x';
  for (int attempt = 0; attempt < 30; ++attempt) {
    ::sendto(from.get(), &byte, 1, 0, reinterpret_cast<const sockaddr*>(&target), sizeof(target));
    if (::recv(to.get(), &byte, 1, 0) == 1) return true;
  }
  return false;
}

/// A node with one uplink to a switch, and a pod; each in a namespace of its own.
class SoftLaneTest : public testing::TestWithParam<const char*> {
 protected:
  SoftLaneTest() {
    KernelLinks links = KernelLinks::open(&host_).value();
    KernelLinks far = KernelLinks::open(&switch_).value();
    EXPECT_THAT(
        far.add(
            {.kind = LinkKind::veth, .name = "uplink0", .peer_name = "switch0", .netns = &host_}),
        IsOk());
    uplink_ = links.find("uplink0").value()->index;
    switch_link_ = far.find("switch0").value()->index;
    EXPECT_THAT(links.change(uplink_, {.up = true}), IsOk());
    EXPECT_THAT(far.change(switch_link_, {.up = true}), IsOk());
    found_ = kernel_->traffic_control().value()->qdiscs(uplink_).value();
  }

  LaneRequest request(std::uint64_t floor_mbps, const char* container = "c1") const {
    LaneRequest wanted;
    wanted.made_of =
        OfUplink{.uplink = "uplink0", .child = GetParam(), .line_rate = BitRate::gbps(1)};
    wanted.owner = {.network = "soft-net",
                    .container_id = container,
                    .ifname = fmt::format("net-{}", container),
                    .netns = fmt::format("/proc/self/fd/{}", pod_->fd())};
    wanted.floor = BitRate::mbps(floor_mbps);
    wanted.ceiling = BitRate::mbps(900);
    return wanted;
  }

  void expect_baseline() {
    EXPECT_EQ(kernel_->traffic_control().value()->qdiscs(uplink_).value(), found_);
    EXPECT_THAT(kernel_->traffic_control().value()->filters(uplink_, kTcIngress).value(),
                testing::IsEmpty());
    EXPECT_EQ(kernel_->links().list().value().size(), 2U) << "lo and the uplink";
    EXPECT_THAT(ledger_.ports().value(), testing::IsEmpty());
  }

  const NetNs host_ = fresh_netns().value();
  const NetNs switch_ = fresh_netns().value();
  std::optional<NetNs> pod_ = fresh_netns().value();
  std::unique_ptr<LiveKernel> kernel_ = run_in(host_, open_kernel).value();
  TempDir dir_;
  Dir sysfs_ = Dir::open(dir_.path()).value();
  Ledger ledger_ = Ledger::open(dir_ / "run", "boot-1").value();
  SetAsideStore aside_{dir_ / "lib"};
  Lanes lanes_{*kernel_, sysfs_, ledger_, aside_, providers(*kernel_, sysfs_, ledger_)};
  int uplink_ = 0;
  int switch_link_ = 0;
  std::vector<Qdisc> found_;
};

TEST_P(SoftLaneTest, AttachesChecksAndDetaches) {
  ASSERT_OK_AND_ASSIGN(const Lane lane, lanes_.attach(request(500), *pod_));
  ASSERT_NE(lane.link, std::nullopt);
  EXPECT_EQ(lane.link->name, "net-c1");
  EXPECT_EQ(lane.link->kind, GetParam());
  EXPECT_EQ(lane.link->mac, lane.record.home.mac);
  EXPECT_TRUE(lane.link->up);
  EXPECT_EQ(lane.port, "link-uplink0");
  EXPECT_THAT(lanes_.check({"c1", "net-c1"}, *pod_), IsOk());

  ASSERT_THAT(lanes_.detach({"c1", "net-c1"}), IsOk());
  EXPECT_EQ(KernelLinks::open(&*pod_)->find("net-c1").value(), std::nullopt);
  expect_baseline();
  EXPECT_THAT(lanes_.detach({"c1", "net-c1"}), IsOk());
}

TEST_P(SoftLaneTest, CarriesFramesBothWaysThroughItsClass) {
  ASSERT_OK_AND_ASSIGN(const Lane lane, lanes_.attach(request(500), *pod_));
  const auto prefix = [](const char* text) { return IpPrefix::parse(text).value(); };
  ASSERT_THAT(KernelAddresses::open(&*pod_)->add_address(lane.link->index, prefix("192.0.2.1/24")),
              IsOk());
  ASSERT_THAT(KernelAddresses::open(&switch_)->add_address(switch_link_, prefix("192.0.2.2/24")),
              IsOk());
  const UniqueFd pod = udp_socket(*pod_, "192.0.2.1");
  const UniqueFd far = udp_socket(switch_, "192.0.2.2");

  EXPECT_TRUE(reaches(far, pod, "192.0.2.1"));  // Asks by broadcast who has the address.
  EXPECT_TRUE(reaches(pod, far, "192.0.2.2"));

  std::map<std::uint16_t, ClassCounters> by_minor;
  const auto classes = kernel_->traffic_control().value()->classes(uplink_).value();
  for (const HtbClassState& state : classes) {
    by_minor[state.settings.handle.minor] = state.counters;
  }
  EXPECT_GE(by_minor[16].packets, 2U) << "an ARP answer and a datagram";
}

TEST_P(SoftLaneTest, RefusesWhatTheUplinkCannotCarry) {
  ASSERT_THAT(lanes_.attach(request(700, "c1"), *pod_), IsOk());
  EXPECT_THAT(
      lanes_.attach(request(400, "c2"), *pod_),
      FailsWith(Code::exhausted, "port uplink0: 300 Mbit/s of 1 Gbit/s free, 400 Mbit/s asked"));
  EXPECT_THAT(lanes_.attach(request(300, "c3"), *pod_), IsOk());
  EXPECT_THAT(lanes_.detach({"c1", "net-c1"}), IsOk());
  EXPECT_THAT(lanes_.detach({"c3", "net-c3"}), IsOk());
  expect_baseline();
}

TEST_P(SoftLaneTest, ReleasesWhenTheNamespaceIsGone) {
  ASSERT_THAT(lanes_.attach(request(500), *pod_), IsOk());
  pod_.reset();
  ASSERT_THAT(lanes_.detach({"c1", "net-c1"}), IsOk());
  expect_baseline();
}

TEST_P(SoftLaneTest, NameTakenInThePodLeavesNothingBehind) {
  KernelLinks links = KernelLinks::open(&*pod_).value();
  ASSERT_THAT(links.add({.kind = LinkKind::veth, .name = "net-c1", .peer_name = "p"}), IsOk());
  EXPECT_THAT(lanes_.attach(request(500), *pod_),
              FailsWith(Code::already_exists, "the pod has an interface 'net-c1' already"));
  expect_baseline();
}

TEST_P(SoftLaneTest, CheckNamesWhatDiffers) {
  ASSERT_OK_AND_ASSIGN(const Lane lane, lanes_.attach(request(500), *pod_));
  const auto classes = kernel_->traffic_control().value()->classes(uplink_).value();
  HtbClass changed = classes.back().settings;
  changed.ceiling = BitRate::mbps(950);
  ASSERT_THAT(kernel_->traffic_control().value()->set_class(uplink_, changed), IsOk());
  EXPECT_THAT(lanes_.check({"c1", "net-c1"}, *pod_),
              FailsWith(Code::internal, "ceiling: 900 Mbit/s expected, 950 Mbit/s found"));
  ASSERT_THAT(kernel_->traffic_control().value()->remove_filter(uplink_, {0x51ce, 0}, 16), IsOk());
  EXPECT_THAT(lanes_.check({"c1", "net-c1"}, *pod_), FailsWith(Code::internal, "filter: "));
}

TEST_P(SoftLaneTest, LeavesAForeignRootQdiscAlone) {
  const Qdisc foreign{.kind = "htb", .handle = {1, 0}, .options = HtbOptions{}};
  ASSERT_THAT(kernel_->traffic_control().value()->add_qdisc(uplink_, foreign), IsOk());
  EXPECT_THAT(lanes_.attach(request(500), *pod_),
              FailsWith(Code::already_exists, "not Sluice's: htb 1:"));
  EXPECT_THAT(kernel_->traffic_control().value()->remove_qdisc(uplink_, foreign), IsOk());
  expect_baseline();
}

TEST_P(SoftLaneTest, LeavesAnIngressQdiscAloneThatWasThereBefore) {
  TrafficControl& tc = *kernel_->traffic_control().value();
  const Qdisc foreign{.kind = "ingress",
                      .handle = kTcIngress,
                      .parent = kTcIngressParent,
                      .options = IngressOptions{}};
  ASSERT_THAT(tc.add_qdisc(uplink_, foreign), IsOk());
  ASSERT_THAT(lanes_.attach(request(500), *pod_), IsOk());
  ASSERT_THAT(lanes_.detach({"c1", "net-c1"}), IsOk());
  EXPECT_THAT(tc.qdiscs(uplink_).value(), testing::Contains(foreign));
  ASSERT_THAT(tc.remove_qdisc(uplink_, foreign), IsOk());
  expect_baseline();
}

TEST_P(SoftLaneTest, LeavesAFilterAloneThatAnotherProgramAddedMeanwhile) {
  TrafficControl& tc = *kernel_->traffic_control().value();
  ASSERT_THAT(lanes_.attach(request(500), *pod_), IsOk());
  const bool has_ingress = GetParam() == std::string("veth");
  const Filter foreign{.parent = kTcIngress,
                       .priority = 50,
                       .keys = match_group_destination(),
                       .action = Mirror{uplink_}};
  if (has_ingress) {
    ASSERT_THAT(tc.add_filter(uplink_, foreign), IsOk());
  }
  ASSERT_THAT(lanes_.detach({"c1", "net-c1"}), IsOk());
  const std::vector<Filter> left = tc.filters(uplink_, kTcIngress).value();
  EXPECT_EQ(std::count(left.begin(), left.end(), foreign), has_ingress ? 1 : 0);
}

TEST_P(SoftLaneTest, UplinkMustTellItsRate) {
  LaneRequest silent = request(500);
  silent.made_of = OfUplink{.uplink = "uplink0", .child = GetParam(), .line_rate = {}};
  EXPECT_THAT(lanes_.attach(silent, *pod_),
              FailsWith(Code::invalid_argument, "uplink 'uplink0' does not tell its line rate"));
  silent.made_of = OfUplink{.uplink = "nosuch0", .child = GetParam(), .line_rate = {}};
  EXPECT_THAT(lanes_.attach(silent, *pod_), FailsWith(Code::not_found, "no uplink 'nosuch0'"));
}

TEST_P(SoftLaneTest, RefusesSettingsOfVfs) {
  LaneRequest tagged = request(500);
  tagged.settings.vlan = VlanTag{.id = 7};
  EXPECT_THAT(lanes_.attach(tagged, *pod_),
              FailsWith(Code::unsupported, "a software lane has no VLAN tag"));
  expect_baseline();
}

INSTANTIATE_TEST_SUITE_P(Children, SoftLaneTest, testing::Values("macvlan", "veth"),
                         [](const auto& child) { return std::string(child.param); });

}  // namespace
}  // namespace sluice
