#include "pkg/netlink/decode_link.h"

#include <linux/if.h>
#include <linux/rtnetlink.h>

#include <algorithm>

namespace sluice {
namespace {

static_assert(kSpecialModes == (IFF_DEBUG | IFF_NOARP | IFF_PROMISC | IFF_ALLMULTI));

std::optional<MacAddress> mac_of(const Attribute& attribute) {
  MacAddress::Bytes bytes{};
  if (attribute.payload.size() != bytes.size()) return std::nullopt;
  std::memcpy(bytes.data(), attribute.payload.data(), bytes.size());
  return MacAddress(bytes);
}

int number_of(const Attribute& attribute) {
  return attribute.as<int>().value_or(0);
}

void read_altnames(const Attribute& list, Link& link) {
  for (const Attribute& name : Attributes(list.payload)) {
    if (name.type == IFLA_ALT_IFNAME) link.altnames.push_back(name.text());
  }
}

void read_kind(const Attribute& info, Link& link) {
  const auto kind = Attributes(info.payload).find(IFLA_INFO_KIND);
  if (kind) link.kind = kind->text();
}

void read_xdp(const Attribute& xdp, Link& link) {
  for (const Attribute& attribute : Attributes(xdp.payload)) {
    switch (attribute.type) {
      case IFLA_XDP_SKB_PROG_ID: link.xdp_modes |= XDP_FLAGS_SKB_MODE; break;
      case IFLA_XDP_DRV_PROG_ID: link.xdp_modes |= XDP_FLAGS_DRV_MODE; break;
      case IFLA_XDP_HW_PROG_ID: link.xdp_modes |= XDP_FLAGS_HW_MODE; break;
      default: break;
    }
  }
}

void read_attribute(const Attribute& attribute, Link& link) {
  switch (attribute.type) {
    case IFLA_IFNAME: link.name = attribute.text(); break;
    case IFLA_MTU: link.mtu = number_of(attribute); break;
    case IFLA_ADDRESS: link.mac = mac_of(attribute); break;
    case IFLA_PERM_ADDRESS: link.permanent_mac = mac_of(attribute); break;
    case IFLA_PROP_LIST: read_altnames(attribute, link); break;
    case IFLA_LINKINFO: read_kind(attribute, link); break;
    case IFLA_XDP: read_xdp(attribute, link); break;
    case IFLA_LINK: link.lower_index = number_of(attribute); break;
    case IFLA_MASTER: link.master_index = number_of(attribute); break;
    case IFLA_PHYS_PORT_NAME: link.phys_port_name = attribute.text(); break;
    case IFLA_PARENT_DEV_NAME: link.parent_device = attribute.text(); break;
    case IFLA_PARENT_DEV_BUS_NAME: link.parent_bus = attribute.text(); break;
    default: break;
  }
}

}  // namespace

Result<Link> decode_link(Bytes payload) {
  const auto header = read_as<ifinfomsg>(payload);
  if (!header) return Error(Code::internal, "link message cut short");
  Link link{.index = header->ifi_index,
            .up = (header->ifi_flags & IFF_UP) != 0,
            .carrier = (header->ifi_flags & IFF_LOWER_UP) != 0,
            .special_modes = (header->ifi_flags & kSpecialModes) != 0};
  for (const Attribute& attribute : attributes_after<ifinfomsg>(payload)) {
    read_attribute(attribute, link);
  }
  return link;
}

}  // namespace sluice
