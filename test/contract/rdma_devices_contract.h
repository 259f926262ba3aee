#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "pkg/netlink/gid_table.h"
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
  /// Gives the link an address.
  std::function<Result<>(const IpPrefix&)> add_address = {};
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

  // Within ten seconds: the kernel makes GIDs when it gets to it.
  bool has_gid(RdmaDevices& devices, const IpAddress& address) const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < deadline) {
      const Result<std::vector<Gid>> gids = devices.gids(world_.name);
      EXPECT_THAT(gids, IsOk());
      if (!gids) return false;
      for (const Gid& gid : *gids) {
        if (gid.address == address && gid.type == GidType::roce_v2) return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
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

TEST_P(RdmaDevicesContract, AddressesOfTheLinkBecomeGidsOfRoceV2) {
  for (const char* const text : {"192.0.2.7/24", "2001:db8::7/64"}) {
    ASSERT_OK_AND_ASSIGN(const IpPrefix prefix, IpPrefix::parse(text));
    ASSERT_THAT(world_.add_address(prefix), IsOk());
    EXPECT_TRUE(has_gid(*world_.here, as_gid(prefix.address))) << text;
    EXPECT_TRUE(exclusive() || has_gid(*world_.there, as_gid(prefix.address))) << text;
  }
}

TEST_P(RdmaDevicesContract, GidsHavePlacesOfTheirOwnAndAreNotZero) {
  ASSERT_THAT(world_.add_address(*IpPrefix::parse("192.0.2.7/24")), IsOk());
  ASSERT_TRUE(has_gid(*world_.here, as_gid(*IpAddress::parse("192.0.2.7"))));
  ASSERT_OK_AND_ASSIGN(const std::vector<Gid> gids, world_.here->gids(world_.name));
  int last = -1;
  for (const Gid& gid : gids) {
    EXPECT_EQ(gid.port, 1);
    EXPECT_GT(gid.index, last);
    EXPECT_NE(gid.address, *IpAddress::parse("::"));
    last = gid.index;
  }
}

TEST_P(RdmaDevicesContract, MissingDeviceIsNotFound) {
  EXPECT_THAT(world_.here->gids("nosuch0"),
              FailsWith(Code::not_found, "read GIDs of RDMA device 'nosuch0'"));
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
  EXPECT_THAT(world_.there->gids(world_.name), IsOk());
  EXPECT_THAT(world_.here->gids(world_.name), FailsWith(Code::not_found, "read GIDs"));
  EXPECT_THAT(world_.here->move_to(device->index, *world_.there_ns),
              FailsWith(Code::not_found, "move RDMA device"));

  ASSERT_THAT(world_.there->move_to(device->index, *world_.here_ns), IsOk());
  EXPECT_NE(find(*world_.here), std::nullopt);
  EXPECT_EQ(find(*world_.there), std::nullopt);
}

}  // namespace sluice
