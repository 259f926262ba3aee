#include "pkg/netlink/kernel_devlink.h"
#include "test/netns/fresh_netns.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

/// A namespace of its own holds no device, on any kernel; with devices the lab guest proves it.
class KernelWithoutDevices : public testing::Test {
 protected:
  NetNs netns_ = fresh_netns().value();
  KernelDevlink devlink_ = KernelDevlink::open(&netns_).value();
  const DevlinkDevice device_{.bus = "pci", .name = "0000:3b:00.0"};
};

TEST_F(KernelWithoutDevices, FindsNothing) {
  ASSERT_OK_AND_ASSIGN(const auto mode, devlink_.eswitch_mode(device_));
  EXPECT_EQ(mode, std::nullopt);
  ASSERT_OK_AND_ASSIGN(const auto ports, devlink_.vf_ports(device_));
  EXPECT_THAT(ports, testing::IsEmpty());
  ASSERT_OK_AND_ASSIGN(const auto rates, devlink_.rates(device_));
  EXPECT_THAT(rates, testing::IsEmpty());
  ASSERT_OK_AND_ASSIGN(const auto leaf, devlink_.leaf(device_, 1));
  EXPECT_EQ(leaf, std::nullopt);
  ASSERT_OK_AND_ASSIGN(const auto node, devlink_.node(device_, "lane"));
  EXPECT_EQ(node, std::nullopt);
}

TEST_F(KernelWithoutDevices, RefusesToChangeAnything) {
  const auto refused = [](const char* attempt) {
    return testing::AnyOf(FailsWith(Code::unsupported, attempt),  // The kernel has no devlink.
                          FailsWith(Code::not_found, attempt));
  };
  EXPECT_THAT(devlink_.set_leaf(device_, 1, {.tx_max = BitRate::gbps(1)}),
              refused("set rate leaf pci/0000:3b:00.0/1: "));
  EXPECT_THAT(devlink_.set_node(device_, "lane", {.tx_max = BitRate::gbps(1)}),
              refused("set rate node pci/0000:3b:00.0/lane: "));
  EXPECT_THAT(devlink_.create_node(device_, "lane"), refused("create rate node"));
  EXPECT_THAT(devlink_.delete_node(device_, "lane"), refused("delete rate node"));
}

TEST_F(KernelWithoutDevices, ChecksRatesBeforeAsking) {
  EXPECT_THAT(devlink_.set_leaf(device_, 1, {.tx_share = BitRate::bits_per_second(1)}),
              FailsWith(Code::invalid_argument, "tx_share 1 bit/s is no multiple of 1 Mbit/s"));
  EXPECT_THAT(devlink_.set_node(device_, "lane", {.tx_max = BitRate::bits_per_second(1)}),
              FailsWith(Code::invalid_argument, "tx_max 1 bit/s is no multiple of 1 Mbit/s"));
}

}  // namespace
}  // namespace sluice
