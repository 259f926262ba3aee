#include "test/fake/fake_kernel.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

constexpr const char* kPod = "/run/netns/pod";

/// A port with a VF whose link "vf0" is in the host's namespace, and a pod.
class FakeNodeTest : public testing::Test {
 protected:
  NetNs pod_netns() { return NetNs::fake(pod_); }

  void move(const std::string& name) {
    const NetNs target = pod_netns();
    ASSERT_THAT(kernel_.links().change(vf_, {.netns = &target, .name = name, .up = true}), IsOk());
  }

  Rate programmed() { return node_.vf("pf0", 0).programmed; }

  FakeKernel kernel_;
  FakeNode& node_ = kernel_.node();
  const int port_ = node_.add_port({.name = "pf0"}, 2);
  const int vf_ =
      node_.add_link({.name = "vf0", .parent_bus = "pci", .parent_device = "0000:01:10.0"});
  const std::uint64_t pod_ = node_.add_netns(kPod);
};

TEST_F(FakeNodeTest, DeathSendsHardwareHomeDownUnderItsPodName) {
  ASSERT_NO_FATAL_FAILURE(move("net1"));
  node_.kill_netns(pod_);
  const FakeLink* const back = node_.find("net1");
  ASSERT_NE(back, nullptr);
  EXPECT_EQ(back->link.parent_device, "0000:01:10.0");
  EXPECT_FALSE(back->link.up);
  ASSERT_OK_AND_ASSIGN(const auto gone, kernel_.find_netns(kPod));
  EXPECT_FALSE(gone);
  EXPECT_THAT(kernel_.links_in(pod_netns()), FailsWith(Code::invalid_argument, "enter network"));
}

TEST_F(FakeNodeTest, DeathRenamesWhatComesHomeToATakenName) {
  ASSERT_NO_FATAL_FAILURE(move("net1"));
  node_.find("net1", pod_)->link.altnames = {"pf0", "free0"};
  node_.add_link({.name = "net1"});
  node_.kill_netns(pod_);
  const FakeLink* const back = node_.find(fmt::format("dev{}", vf_));
  ASSERT_NE(back, nullptr);
  EXPECT_THAT(back->link.altnames, testing::ElementsAre("free0"));
}

TEST_F(FakeNodeTest, DeathTakesSoftwareLinksAndTheirOtherEnds) {
  const NetNs target = pod_netns();
  ASSERT_THAT(kernel_.links().add(
                  {.kind = LinkKind::veth, .name = "net1", .peer_name = "peer0", .netns = &target}),
              IsOk());
  ASSERT_THAT(kernel_.links().add({.name = "net2", .lower_index = port_, .netns = &target}),
              IsOk());
  node_.kill_netns(pod_);
  EXPECT_EQ(node_.find("peer0"), nullptr);
  EXPECT_EQ(node_.find("net2"), nullptr);
  EXPECT_NE(node_.find("pf0"), nullptr);
}

TEST_F(FakeNodeTest, HolderOfADeviceIsFoundWithoutItsPath) {
  ASSERT_NO_FATAL_FAILURE(move("net1"));
  node_.unlink_netns(kPod);
  ASSERT_OK_AND_ASSIGN(const auto by_path, kernel_.find_netns(kPod));
  EXPECT_FALSE(by_path);
  ASSERT_OK_AND_ASSIGN(const auto holder, kernel_.find_netns_holding("0000:01:10.0"));
  ASSERT_TRUE(holder);
  EXPECT_EQ(holder->cookie(), pod_);
}

TEST_F(FakeNodeTest, AddressesStayBehindAndRdmaKnowsItsLink) {
  const std::uint32_t device = node_.rdma()->add("mlx5_2", FakeNode::kHost, vf_);
  node_.addresses(FakeNode::kHost)->links[vf_].addresses = {
      IpPrefix::parse("192.0.2.1/24").value()};
  ASSERT_NO_FATAL_FAILURE(move("net1"));
  const int there = node_.find("net1", pod_)->link.index;
  EXPECT_THAT(node_.addresses(pod_)->links.at(there).addresses, testing::IsEmpty());
  EXPECT_EQ(node_.rdma()->devices.at(device).link_netns, pod_);
  EXPECT_EQ(node_.rdma()->devices.at(device).link, there);
}

TEST_F(FakeNodeTest, EveryRequestIsALine) {
  ASSERT_NO_FATAL_FAILURE(move("net1"));
  ASSERT_THAT(kernel_.links().set_vf(port_, 0, {.vlan = VlanTag{.id = 7}, .rate = Rate()}), IsOk());
  ASSERT_THAT(kernel_.links_in(pod_netns()).value()->find("net1"), IsOk());
  EXPECT_THAT(kernel_.log().lines(),
              testing::ElementsAre("host: change 3 netns=/run/netns/pod name=net1 up",
                                   "host: set_vf 2/0 vlan=7/0/8100 rate=0..0",
                                   "/run/netns/pod: find 'net1'"));
  EXPECT_THAT(kernel_.log().matching("vfs"), testing::IsEmpty());
}

TEST_F(FakeNodeTest, RequestsFailWhereToldWithoutEffectOrWithIt) {
  const Error refused = Error::from_errno(EBUSY, "set VF");
  kernel_.log().fail_on("set_vf", refused, 2);
  kernel_.log().fail_after("change", Error(Code::timed_out, "no answer"));
  const VfSettings limit{.rate = Rate{.floor = {}, .ceiling = BitRate::mbps(10)}};
  EXPECT_THAT(kernel_.links().set_vf(port_, 1, {.spoofchk = false}), IsOk());
  EXPECT_THAT(kernel_.links().set_vf(port_, 0, limit), FailsWith(Code::busy, "EBUSY"));
  EXPECT_EQ(programmed(), Rate());
  EXPECT_THAT(kernel_.links().change(vf_, {.mtu = 9000}), FailsWith(Code::timed_out, "no answer"));
  EXPECT_EQ(node_.find("vf0")->link.mtu, 9000);
  EXPECT_TRUE(kernel_.log().exhausted());
}

TEST_F(FakeNodeTest, TheWorldCanChangeJustBeforeARequest) {
  kernel_.log().before("set_vf", [this] { node_.find("pf0")->vfs.clear(); });
  EXPECT_THAT(kernel_.links().set_vf(port_, 0, {.rate = Rate()}),
              FailsWith(Code::unsupported, "EOPNOTSUPP"));
}

TEST_F(FakeNodeTest, DriversDifferAsTheyDoInTheField) {
  FakeDriver& driver = node_.find("pf0")->driver;
  Links& links = kernel_.links();
  const VfSettings limit{.rate = Rate{.floor = {}, .ceiling = BitRate::mbps(149)}};

  driver.step = BitRate::mbps(50);
  ASSERT_THAT(links.set_vf(port_, 0, limit), IsOk());
  EXPECT_EQ(programmed().ceiling, BitRate::mbps(100));
  EXPECT_EQ(links.vfs(port_)->find(0)->rate, limit.rate);

  driver.clears_rate = false;
  ASSERT_THAT(links.set_vf(port_, 0, {.rate = Rate()}), IsOk());
  EXPECT_EQ(links.vfs(port_)->find(0)->rate, limit.rate);

  driver.programs_rate = false;
  ASSERT_THAT(links.set_vf(port_, 1, limit), IsOk());
  EXPECT_EQ(links.vfs(port_)->find(1)->rate, limit.rate);
  EXPECT_EQ(node_.vf("pf0", 1).programmed, Rate());

  driver.needs_carrier = true;
  node_.find("pf0")->link.carrier = false;
  EXPECT_THAT(links.set_vf(port_, 0, limit), FailsWith(Code::invalid_argument, "EINVAL"));

  driver.vf_operations = false;
  EXPECT_THAT(links.set_vf(port_, 0, limit), FailsWith(Code::unsupported, "EOPNOTSUPP"));
}

TEST_F(FakeNodeTest, MuteVfIsLeftOutOfTheList) {
  node_.vf("pf0", 0).mute = true;
  ASSERT_OK_AND_ASSIGN(const VfList list, kernel_.links().vfs(port_));
  EXPECT_EQ(list.announced, 2U);
  EXPECT_FALSE(list.complete());
  EXPECT_EQ(list.find(0), nullptr);
}

}  // namespace
}  // namespace sluice
