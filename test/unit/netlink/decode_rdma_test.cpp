#include "pkg/netlink/decode_rdma.h"

#include <gtest/gtest.h>
#include <rdma/rdma_netlink.h>
#include <sys/sysmacros.h>

#include "test/support/netlink_bytes.h"

namespace sluice {
namespace {

Message device_message() {
  Message message(RDMA_NL_GET_TYPE(RDMA_NL_NLDEV, RDMA_NLDEV_CMD_GET));
  message.put(RDMA_NLDEV_ATTR_DEV_INDEX, std::uint32_t{3});
  message.put_text(RDMA_NLDEV_ATTR_DEV_NAME, "mlx5_3");
  message.put(RDMA_NLDEV_ATTR_NODE_GUID, std::uint64_t{1});  // Not looked at.
  message.put_text(RDMA_NLDEV_ATTR_DEV_PROTOCOL, "roce");
  return message;
}

Message char_device_message() {
  Message message(RDMA_NL_GET_TYPE(RDMA_NL_NLDEV, RDMA_NLDEV_CMD_GET_CHARDEV));
  message.put_text(RDMA_NLDEV_ATTR_CHARDEV_NAME, "uverbs1");
  message.put(RDMA_NLDEV_ATTR_CHARDEV, std::uint64_t{(231U << 8) | 193U});
  return message;
}

TEST(DecodeRdma, ReadsADevice) {
  Message message = device_message();
  EXPECT_EQ(decode_rdma_device(payload_of(message)),
            (RdmaDevice{.index = 3, .name = "mlx5_3", .protocol = "roce"}));
}

TEST(DecodeRdma, ProtocolMayBeMissingButNotTheName) {
  Message message(0);
  message.put(RDMA_NLDEV_ATTR_DEV_INDEX, std::uint32_t{0});
  EXPECT_EQ(decode_rdma_device(payload_of(message)), std::nullopt);
  message.put_text(RDMA_NLDEV_ATTR_DEV_NAME, "rxe0");
  EXPECT_EQ(decode_rdma_device(payload_of(message)), (RdmaDevice{.index = 0, .name = "rxe0"}));
}

TEST(DecodeRdma, ReadsTheMode) {
  for (const auto& [value, mode] : {std::pair(std::uint8_t{1}, RdmaNetnsMode::shared),
                                    std::pair(std::uint8_t{0}, RdmaNetnsMode::exclusive)}) {
    Message message(0);
    message.put(RDMA_NLDEV_SYS_ATTR_NETNS_MODE, value);
    EXPECT_EQ(decode_rdma_netns_mode(payload_of(message)), mode);
  }
}

TEST(DecodeRdma, ReadsACharDevice) {
  Message message = char_device_message();
  const auto device = decode_rdma_char_device(payload_of(message));
  ASSERT_NE(device, std::nullopt);
  EXPECT_EQ(device->name, "uverbs1");
  EXPECT_EQ(major(device->number), 231U);
  EXPECT_EQ(minor(device->number), 193U);
}

TEST(DecodeRdma, CharDeviceMinorsAbove255AreWhole) {
  Message message(0);
  message.put_text(RDMA_NLDEV_ATTR_CHARDEV_NAME, "uverbs300");
  // huge_encode_dev(MKDEV(511, 300)): the minor's upper bits go above the major.
  message.put(RDMA_NLDEV_ATTR_CHARDEV,
              std::uint64_t{(300U & 0xffU) | (511U << 8) | ((300U & ~0xffU) << 12)});
  const auto device = decode_rdma_char_device(payload_of(message));
  ASSERT_NE(device, std::nullopt);
  EXPECT_EQ(device->number, makedev(511, 300));
}

TEST(DecodeRdma, ReadsThePortsLink) {
  Message message(0);
  EXPECT_EQ(decode_rdma_port_link(payload_of(message)), std::nullopt);
  message.put(RDMA_NLDEV_ATTR_NDEV_INDEX, std::uint32_t{7});
  EXPECT_EQ(decode_rdma_port_link(payload_of(message)), 7);
}

TEST(DecodeRdma, CutShortAnywhereIsNothingOrLacksWhatIsMissing) {
  Message device = device_message();
  for_each_truncation(device, [](Bytes bytes) {
    const auto found = decode_rdma_device(bytes);
    EXPECT_THAT(found,
                testing::AnyOf(std::nullopt, RdmaDevice{.index = 3, .name = "mlx5_3"},
                               RdmaDevice{.index = 3, .name = "mlx5_3", .protocol = "roce"}));
  });
  Message char_device = char_device_message();
  for_each_truncation(char_device,
                      [](Bytes bytes) { EXPECT_EQ(decode_rdma_char_device(bytes), std::nullopt); });
  Message mode(0);
  mode.put(RDMA_NLDEV_SYS_ATTR_NETNS_MODE, std::uint8_t{1});
  for_each_truncation(mode, [](Bytes bytes) {
    constexpr std::size_t kWithoutPadding = 5;
    if (bytes.size() >= kWithoutPadding) return;
    EXPECT_EQ(decode_rdma_netns_mode(bytes), std::nullopt);
  });
  Message port(0);
  port.put(RDMA_NLDEV_ATTR_NDEV_INDEX, std::uint32_t{7});
  for_each_truncation(port, [](Bytes b) { EXPECT_EQ(decode_rdma_port_link(b), std::nullopt); });
}

}  // namespace
}  // namespace sluice
