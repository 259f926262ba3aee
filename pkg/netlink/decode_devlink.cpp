#include "pkg/netlink/decode_devlink.h"

#include <linux/devlink.h>
#include <linux/genetlink.h>

namespace sluice {
namespace {

constexpr std::uint64_t kBitsPerByte = 8;

BitRate read_rate(const Attribute& attribute) {
  return BitRate::bits_per_second(attribute.as<std::uint64_t>().value_or(0) * kBitsPerByte);
}

void read_device(const Attribute& attribute, DevlinkDevice& device) {
  if (attribute.type == DEVLINK_ATTR_BUS_NAME) device.bus = attribute.text();
  if (attribute.type == DEVLINK_ATTR_DEV_NAME) device.name = attribute.text();
}

void read_rate_attribute(const Attribute& attribute, RateObject& rate) {
  switch (attribute.type) {
    case DEVLINK_ATTR_PORT_INDEX: rate.port = attribute.as<std::uint32_t>(); break;
    case DEVLINK_ATTR_RATE_NODE_NAME: rate.node = attribute.text(); break;
    case DEVLINK_ATTR_RATE_TX_SHARE: rate.tx_share = read_rate(attribute); break;
    case DEVLINK_ATTR_RATE_TX_MAX: rate.tx_max = read_rate(attribute); break;
    case DEVLINK_ATTR_RATE_PARENT_NODE_NAME: rate.parent = attribute.text(); break;
    default: break;
  }
}

}  // namespace

std::optional<std::uint16_t> decode_family_id(Bytes payload) {
  const auto id = attributes_after<genlmsghdr>(payload).find(CTRL_ATTR_FAMILY_ID);
  if (!id) return std::nullopt;
  return id->as<std::uint16_t>();
}

Result<std::optional<EswitchMode>> decode_eswitch_mode(Bytes payload) {
  const auto attribute = attributes_after<genlmsghdr>(payload).find(DEVLINK_ATTR_ESWITCH_MODE);
  const auto mode = attribute ? attribute->as<std::uint16_t>() : std::nullopt;
  if (!mode) return std::optional<EswitchMode>();
  if (*mode == DEVLINK_ESWITCH_MODE_LEGACY) return std::optional(EswitchMode::legacy);
  if (*mode == DEVLINK_ESWITCH_MODE_SWITCHDEV) return std::optional(EswitchMode::switchdev);
  return Error(Code::unsupported, fmt::format("eswitch mode {} is not known", *mode));
}

std::optional<RateOfDevice> decode_rate(Bytes payload) {
  RateOfDevice found{.device = {.bus = "", .name = ""}};
  for (const Attribute& attribute : attributes_after<genlmsghdr>(payload)) {
    read_device(attribute, found.device);
    read_rate_attribute(attribute, found.rate);
  }
  const bool named = found.rate.port.has_value() || !found.rate.node.empty();
  if (!named || found.device.bus.empty() || found.device.name.empty()) return std::nullopt;
  return found;
}

std::optional<VfPort> decode_vf_port(Bytes payload) {
  DevlinkDevice device{.bus = "", .name = ""};
  std::optional<std::uint32_t> port;
  std::optional<std::uint16_t> vf;  // Ports of VFs alone have it (DEVLINK_PORT_FLAVOUR_PCI_VF).
  bool external = false;
  for (const Attribute& attribute : attributes_after<genlmsghdr>(payload)) {
    read_device(attribute, device);
    if (attribute.type == DEVLINK_ATTR_PORT_INDEX) port = attribute.as<std::uint32_t>();
    if (attribute.type == DEVLINK_ATTR_PORT_PCI_VF_NUMBER) vf = attribute.as<std::uint16_t>();
    if (attribute.type == DEVLINK_ATTR_PORT_EXTERNAL) {
      external = attribute.as<std::uint8_t>().value_or(0) != 0;
    }
  }
  if (!port || !vf || external || device.bus.empty() || device.name.empty()) return std::nullopt;
  return VfPort{.device = std::move(device), .port = *port, .vf = *vf};
}

}  // namespace sluice
