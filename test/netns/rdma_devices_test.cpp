#include <linux/netlink.h>

#include "pkg/netlink/kernel_rdma_devices.h"
#include "test/netns/fresh_netns.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

/// What the lab guest proves with devices, a kernel without RDMA proves without.
class KernelWithoutRdma : public testing::Test {
 protected:
  void SetUp() override {
    if (Socket::open(NETLINK_RDMA)) GTEST_SKIP() << "this kernel has RDMA";
  }

  NetNs netns_ = fresh_netns().value();
  KernelRdmaDevices devices_ = KernelRdmaDevices::open(netns_).value();
};

TEST_F(KernelWithoutRdma, HasNoDevicesInSharedMode) {
  ASSERT_OK_AND_ASSIGN(const auto listed, devices_.list());
  EXPECT_THAT(listed, testing::IsEmpty());
  ASSERT_OK_AND_ASSIGN(const RdmaNetnsMode mode, devices_.netns_mode());
  EXPECT_EQ(mode, RdmaNetnsMode::shared);
}

TEST_F(KernelWithoutRdma, NamesTheReasonForEveryDeviceAskedFor) {
  EXPECT_THAT(devices_.char_device(3, "uverbs"),
              FailsWith(Code::not_found, "get uverbs of RDMA device 3: the kernel has no RDMA"));
  EXPECT_THAT(devices_.link_of(3), FailsWith(Code::not_found, "get link of RDMA device 3"));
  EXPECT_THAT(
      devices_.gids("mlx5_3"),
      FailsWith(Code::not_found, "read GIDs of RDMA device 'mlx5_3': the kernel has no RDMA"));
  EXPECT_THAT(devices_.move_to(3, netns_), FailsWith(Code::not_found, "move RDMA device 3"));
}

}  // namespace
}  // namespace sluice
