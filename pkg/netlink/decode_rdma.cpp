#include "pkg/netlink/decode_rdma.h"

#include <rdma/rdma_netlink.h>

namespace sluice {

std::optional<RdmaDevice> decode_rdma_device(Bytes payload) {
  std::optional<std::uint32_t> index;
  RdmaDevice device;
  for (const Attribute& attribute : Attributes(payload)) {
    if (attribute.type == RDMA_NLDEV_ATTR_DEV_INDEX) index = attribute.as<std::uint32_t>();
    if (attribute.type == RDMA_NLDEV_ATTR_DEV_NAME) device.name = attribute.text();
    if (attribute.type == RDMA_NLDEV_ATTR_DEV_PROTOCOL) device.protocol = attribute.text();
  }
  if (!index || device.name.empty()) return std::nullopt;
  device.index = *index;
  return device;
}

std::optional<RdmaNetnsMode> decode_rdma_netns_mode(Bytes payload) {
  const auto attribute = Attributes(payload).find(RDMA_NLDEV_SYS_ATTR_NETNS_MODE);
  if (!attribute) return std::nullopt;
  const auto shared = attribute->as<std::uint8_t>();  // ib_devices_shared_netns (ib/core/device.c)
  if (!shared) return std::nullopt;
  return *shared != 0 ? RdmaNetnsMode::shared : RdmaNetnsMode::exclusive;
}

std::optional<RdmaCharDevice> decode_rdma_char_device(Bytes payload) {
  const Attributes attributes(payload);
  const auto name = attributes.find(RDMA_NLDEV_ATTR_CHARDEV_NAME);
  const auto encoded = attributes.find(RDMA_NLDEV_ATTR_CHARDEV);
  if (!name || !encoded) return std::nullopt;
  // huge_encode_dev() (linux/kdev_t.h), which for majors below 4096 is what dev_t is here.
  const auto number = encoded->as<std::uint64_t>();
  if (!number) return std::nullopt;
  return RdmaCharDevice{.name = name->text(), .number = *number};
}

std::optional<int> decode_rdma_port_link(Bytes payload) {
  const auto attribute = Attributes(payload).find(RDMA_NLDEV_ATTR_NDEV_INDEX);
  if (!attribute) return std::nullopt;
  const auto index = attribute->as<std::uint32_t>();
  if (!index) return std::nullopt;
  return static_cast<int>(*index);
}

}  // namespace sluice
