#include "pkg/netlink/decode_devlink.h"

#include <gtest/gtest.h>
#include <linux/devlink.h>
#include <linux/genetlink.h>

#include "test/support/netlink_bytes.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

const DevlinkDevice kDevice{.bus = "pci", .name = "0000:3b:00.0"};

Message devlink_message(std::uint8_t command) {
  constexpr int kFamily = 21;  // Any; the decoders are not given it.
  const genlmsghdr head{.cmd = command, .version = DEVLINK_GENL_VERSION, .reserved = 0};
  return {kFamily, head};
}

Message device_message(std::uint8_t command) {
  Message message = devlink_message(command);
  message.put_text(DEVLINK_ATTR_BUS_NAME, kDevice.bus);
  message.put_text(DEVLINK_ATTR_DEV_NAME, kDevice.name);
  return message;
}

Message leaf_message() {
  Message message = device_message(DEVLINK_CMD_RATE_NEW);
  message.put(DEVLINK_ATTR_RATE_TYPE, std::uint16_t{DEVLINK_RATE_TYPE_LEAF});
  message.put(DEVLINK_ATTR_PORT_INDEX, std::uint32_t{129});
  message.put(DEVLINK_ATTR_RATE_TX_SHARE, std::uint64_t{125'000});
  message.put(DEVLINK_ATTR_RATE_TX_MAX, std::uint64_t{1'250'000'000});
  message.put_text(DEVLINK_ATTR_RATE_PARENT_NODE_NAME, "ln1");
  return message;
}

Message vf_port_message() {
  Message message = device_message(DEVLINK_CMD_PORT_NEW);
  message.put(DEVLINK_ATTR_PORT_EXTERNAL, std::uint8_t{0});
  message.put(DEVLINK_ATTR_PORT_INDEX, std::uint32_t{129});
  message.put(DEVLINK_ATTR_PORT_PCI_VF_NUMBER, std::uint16_t{1});
  return message;
}

TEST(DecodeDevlink, ReadsALeafInBitsPerSecond) {
  Message message = leaf_message();
  EXPECT_EQ(decode_rate(payload_of(message)), (RateOfDevice{.device = kDevice,
                                                            .rate = {.port = 129,
                                                                     .tx_share = BitRate::mbps(1),
                                                                     .tx_max = BitRate::gbps(10),
                                                                     .parent = "ln1"}}));
}

TEST(DecodeDevlink, ReadsANode) {
  Message message = device_message(DEVLINK_CMD_RATE_NEW);
  message.put_text(DEVLINK_ATTR_RATE_NODE_NAME, "lane");
  EXPECT_EQ(decode_rate(payload_of(message)),
            (RateOfDevice{.device = kDevice, .rate = {.node = "lane"}}));
}

TEST(DecodeDevlink, ARateWithoutNameOrDeviceIsNothing) {
  Message nameless = device_message(DEVLINK_CMD_RATE_NEW);
  EXPECT_EQ(decode_rate(payload_of(nameless)), std::nullopt);
  Message homeless = devlink_message(DEVLINK_CMD_RATE_NEW);
  homeless.put(DEVLINK_ATTR_PORT_INDEX, std::uint32_t{129});
  EXPECT_EQ(decode_rate(payload_of(homeless)), std::nullopt);
}

TEST(DecodeDevlink, ReadsThePortOfAVf) {
  Message message = vf_port_message();
  EXPECT_EQ(decode_vf_port(payload_of(message)), (VfPort{.device = kDevice, .port = 129, .vf = 1}));
}

TEST(DecodeDevlink, PortsOfOthersAreNothing) {
  Message physical = device_message(DEVLINK_CMD_PORT_NEW);
  physical.put(DEVLINK_ATTR_PORT_INDEX, std::uint32_t{0});
  EXPECT_EQ(decode_vf_port(payload_of(physical)), std::nullopt);
  Message external = vf_port_message();
  external.put(DEVLINK_ATTR_PORT_EXTERNAL, std::uint8_t{1});
  EXPECT_EQ(decode_vf_port(payload_of(external)), std::nullopt);
}

TEST(DecodeDevlink, ReadsTheModeWhereThereIsOne) {
  using Mode = std::optional<EswitchMode>;
  for (const auto& [value, mode] :
       {std::pair(DEVLINK_ESWITCH_MODE_LEGACY, EswitchMode::legacy),
        std::pair(DEVLINK_ESWITCH_MODE_SWITCHDEV, EswitchMode::switchdev)}) {
    Message message = device_message(DEVLINK_CMD_ESWITCH_GET);
    message.put(DEVLINK_ATTR_ESWITCH_MODE, static_cast<std::uint16_t>(value));
    ASSERT_OK_AND_ASSIGN(const Mode decoded, decode_eswitch_mode(payload_of(message)));
    EXPECT_EQ(decoded, mode);
  }
  Message none = device_message(DEVLINK_CMD_ESWITCH_GET);
  ASSERT_OK_AND_ASSIGN(const Mode decoded, decode_eswitch_mode(payload_of(none)));
  EXPECT_EQ(decoded, std::nullopt);
}

TEST(DecodeDevlink, RefusesAModeItDoesNotKnow) {
  Message message = device_message(DEVLINK_CMD_ESWITCH_GET);
  message.put(DEVLINK_ATTR_ESWITCH_MODE, std::uint16_t{7});
  EXPECT_THAT(decode_eswitch_mode(payload_of(message)),
              FailsWith(Code::unsupported, "eswitch mode 7 is not known"));
}

TEST(DecodeDevlink, ReadsTheFamilysNumber) {
  Message message = devlink_message(CTRL_CMD_NEWFAMILY);
  EXPECT_EQ(decode_family_id(payload_of(message)), std::nullopt);
  message.put(CTRL_ATTR_FAMILY_ID, std::uint16_t{21});
  EXPECT_EQ(decode_family_id(payload_of(message)), 21);
}

TEST(DecodeDevlink, CutShortAnywhereInventsNothing) {
  Message leaf = leaf_message();
  const RateOfDevice whole = decode_rate(payload_of(leaf)).value();
  for_each_truncation(leaf, [&](Bytes bytes) {
    const auto found = decode_rate(bytes);
    if (!found) return;
    EXPECT_EQ(found->device, whole.device);
    EXPECT_EQ(found->rate.port, whole.rate.port);
    EXPECT_THAT(found->rate.tx_share, testing::AnyOf(BitRate(), whole.rate.tx_share));
    EXPECT_THAT(found->rate.tx_max, testing::AnyOf(BitRate(), whole.rate.tx_max));
    EXPECT_EQ(found->rate.parent, "");
  });
  Message port = vf_port_message();
  for_each_truncation(port, [&](Bytes bytes) {
    constexpr std::size_t kPadding = 2;
    if (bytes.size() + kPadding >= payload_of(port).size()) return;
    EXPECT_EQ(decode_vf_port(bytes), std::nullopt);
  });
  Message mode = devlink_message(DEVLINK_CMD_ESWITCH_GET);
  mode.put(DEVLINK_ATTR_ESWITCH_MODE, std::uint32_t{1});
  for_each_truncation(mode, [](Bytes bytes) { EXPECT_THAT(decode_eswitch_mode(bytes), IsOk()); });
}

}  // namespace
}  // namespace sluice
