#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "pkg/netlink/rdma_devices.h"
#include "test/support/result_matchers.h"

namespace sluice {

/// Two namespaces and one RoCE device in the first, with its link there too.
struct RdmaDevicesWorld {
  std::unique_ptr<RdmaDevices> here;
  std::unique_ptr<RdmaDevices> there;
  std::shared_ptr<const NetNs> here_ns;
  std::shared_ptr<const NetNs> there_ns;
  std::string name;  ///< Of the device.
  int link = 0;
  std::string skip;         ///< Why this world cannot be had; empty where it can.
  std::string cannot_move;  ///< Why its device cannot be moved; empty where it can.
};

class RdmaDevicesContract : public testing::TestWithParam<std::function<RdmaDevicesWorld()>> {
 protected:
  static constexpr std::uint32_t kNoSuchDevice = 4711;

  void SetUp() override {
    world_ = GetParam()();
    if (!world_.skip.empty()) GTEST_SKIP() << world_.skip;
  }

  std::optional<RdmaDevice> find(RdmaDevices& devices) const {
    const auto listed = devices.list();
    EXPECT_THAT(listed, IsOk());
    for (const RdmaDevice& device : listed.value()) {
      if (device.name == world_.name) return device;
    }
    return std::nullopt;
  }

  bool exclusive() const { return world_.here->netns_mode().value() == RdmaNetnsMode::exclusive; }

  RdmaDevicesWorld world_;
};

/// What holds in one mode alone; a kernel in the other mode skips it.
class SharedRdmaContract : public RdmaDevicesContract {
 protected:
  void SetUp() override {
    RdmaDevicesContract::SetUp();
    if (!IsSkipped() && exclusive()) GTEST_SKIP() << "RDMA devices belong to namespaces here";
  }
};

class ExclusiveRdmaContract : public RdmaDevicesContract {
 protected:
  void SetUp() override {
    RdmaDevicesContract::SetUp();
    if (!IsSkipped() && !exclusive()) GTEST_SKIP() << "namespaces share RDMA devices here";
  }
};

TEST_P(RdmaDevicesContract, BothNamespacesAgreeOnTheMode) {
  ASSERT_OK_AND_ASSIGN(const RdmaNetnsMode here, world_.here->netns_mode());
  ASSERT_OK_AND_ASSIGN(const RdmaNetnsMode there, world_.there->netns_mode());
  EXPECT_EQ(here, there);
}

TEST_P(RdmaDevicesContract, DeviceIsListedWithItsProtocol) {
  const auto device = find(*world_.here);
  ASSERT_NE(device, std::nullopt);
  EXPECT_EQ(device->protocol, "roce");
}

TEST_P(RdmaDevicesContract, OtherNamespaceSeesTheDeviceInSharedModeOnly) {
  EXPECT_EQ(find(*world_.there).has_value(), !exclusive());
}

TEST_P(RdmaDevicesContract, LinkIsKnownInItsOwnNamespace) {
  const auto device = find(*world_.here);
  ASSERT_NE(device, std::nullopt);
  ASSERT_OK_AND_ASSIGN(const auto link, world_.here->link_of(device->index));
  EXPECT_EQ(link, world_.link);
  if (exclusive()) return;
  ASSERT_OK_AND_ASSIGN(const auto from_there, world_.there->link_of(device->index));
  EXPECT_EQ(from_there, std::nullopt);
}

TEST_P(RdmaDevicesContract, CharDeviceHasNameAndNumber) {
  const auto device = find(*world_.here);
  ASSERT_NE(device, std::nullopt);
  ASSERT_OK_AND_ASSIGN(const auto uverbs, world_.here->char_device(device->index, "uverbs"));
  ASSERT_NE(uverbs, std::nullopt);
  EXPECT_THAT(uverbs->name, testing::StartsWith("uverbs"));
  EXPECT_NE(uverbs->number, 0U);
}

TEST_P(RdmaDevicesContract, RoceDeviceHasNoSubnetManagerDevice) {
  const auto device = find(*world_.here);
  ASSERT_NE(device, std::nullopt);
  ASSERT_OK_AND_ASSIGN(const auto issm, world_.here->char_device(device->index, "issm"));
  EXPECT_EQ(issm, std::nullopt);
}

TEST_P(RdmaDevicesContract, MissingDeviceIsNotFound) {
  EXPECT_THAT(world_.here->char_device(kNoSuchDevice, "uverbs"),
              FailsWith(Code::not_found, "get uverbs of RDMA device 4711"));
  EXPECT_THAT(world_.here->link_of(kNoSuchDevice),
              FailsWith(Code::not_found, "get link of RDMA device 4711"));
  EXPECT_THAT(world_.here->move_to(kNoSuchDevice, *world_.there_ns),
              FailsWith(Code::not_found, "move RDMA device 4711"));
}

TEST_P(SharedRdmaContract, MoveIsUnsupported) {
  const auto device = find(*world_.here);
  ASSERT_NE(device, std::nullopt);
  EXPECT_THAT(world_.here->move_to(device->index, *world_.there_ns),
              FailsWith(Code::unsupported, "move RDMA device"));
}

TEST_P(ExclusiveRdmaContract, MoveTakesTheDeviceThereAndBack) {
  if (!world_.cannot_move.empty()) GTEST_SKIP() << world_.cannot_move;
  const auto device = find(*world_.here);
  ASSERT_NE(device, std::nullopt);

  ASSERT_THAT(world_.here->move_to(device->index, *world_.there_ns), IsOk());
  EXPECT_EQ(find(*world_.here), std::nullopt);
  const auto moved = find(*world_.there);
  ASSERT_NE(moved, std::nullopt);
  EXPECT_EQ(moved->index, device->index);
  EXPECT_THAT(world_.here->move_to(device->index, *world_.there_ns),
              FailsWith(Code::not_found, "move RDMA device"));

  ASSERT_THAT(world_.there->move_to(device->index, *world_.here_ns), IsOk());
  EXPECT_NE(find(*world_.here), std::nullopt);
  EXPECT_EQ(find(*world_.there), std::nullopt);
}

}  // namespace sluice
