// A VF's MAC. Drivers differ in who has to write it first, and in what they refuse (vf_driver.h).
#include "pkg/lane/vf/given_mac.h"
#include "pkg/lane/vf/retrying.h"
#include "pkg/lane/vf/vf_driver.h"
#include "pkg/lane/vf/vf_provider.h"

namespace sluice {
namespace {

// Another unicast MAC, locally administered, for a moment.
MacAddress another_local(const MacAddress& mac) {
  MacAddress::Bytes bytes = mac.bytes();
  bytes[0] = static_cast<std::uint8_t>((bytes[0] ^ 0x04U) | 0x02U);
  return MacAddress(bytes);
}

}  // namespace

Result<> VfProvider::give_mac(const PortRecord& port, const LaneRecord& lane,
                              const VfLocation& where, int port_index,
                              const MacAddress& mac) const {
  const VfDriver& driver = vf_driver_of(port.driver);
  const VfSettings wanted{.mac = mac};
  if (driver.mac_path == MacPath::port_first) {
    TRY(set(port_index, lane.number, wanted));
    return settle_link_mac(port, where, lane.link_index, mac).context("set MAC of VF {}", lane.id);
  }
  const std::optional<Link> link = TRY(link_at_home(where, lane.link_index));
  if (!link) return Error(Code::busy, fmt::format("the link of VF {} has just gone", lane.id));
  if (kernel_.links().change(link->index, {.mac = mac})) return {};
  // The port has given it another one, by which it is pinned.
  TRY(set(port_index, lane.number, driver.zero_unpins ? VfSettings{.mac = MacAddress()} : wanted));
  return settle_link_mac(port, where, lane.link_index, mac).context("set MAC of VF {}", lane.id);
}

Result<> VfProvider::take_port_mac_back(const PortRecord& port, const VfLocation& where,
                                        int port_index, const MacAddress& own) const {
  const VfDriver& driver = vf_driver_of(port.driver);
  if (driver.mac_path == MacPath::none) return {};
  // A VF that is reset for a MAC keeps the last one it was given, so that is to be its own.
  const bool own_first = driver.mac_path == MacPath::port_first || !driver.takes_zero_mac;
  if (own_first && !own.is_zero()) TRY(set(port_index, where.index, {.mac = own}));
  return driver.takes_zero_mac ? set(port_index, where.index, {.mac = MacAddress()}) : Result<>();
}

Result<> VfProvider::settle_link_mac(const PortRecord& port, const VfLocation& where, int index,
                                     const MacAddress& mac) const {
  bool is_deaf = vf_driver_of(port.driver).zero_deafens;
  const auto compare_and_set = [&]() -> Result<> {
    const VfLocation now = TRY(locate_vf(sysfs_, where.vf, where.index));
    std::optional<Link> link = TRY(link_at_home(now, 0));
    if (!link && index != 0) {
      link = TRY(kernel_.links().find(index));  // It was renamed between the two.
      if (link && !is_link_of(*link, where.vf.to_string(), index)) link.reset();
    }
    if (!link || !link->mac) return {};
    if (*link->mac == mac) {
      if (!is_deaf) return {};
      // The kernel passes an equal MAC on to no driver (net/core/dev.c dev_set_mac_address), and
      // this one has just lost it.
      TRY(kernel_.links().change(link->index, {.mac = another_local(mac)}));
    }
    is_deaf = false;
    return kernel_.links().change(link->index, {.mac = mac});
  };
  // A VF in reset answers ENODEV, EACCES or EINVAL to what it takes a moment later.
  return retrying(compare_and_set, [](const Error& error) { return error.sys_errno() != 0; });
}

Result<MacAddress> VfProvider::own_mac_for(const VfLocation& where) const {
  const std::optional<Link> uplink = TRY(link_of_port(where));
  const std::optional<MacAddress> mac = uplink ? mac_of_port(*uplink) : std::nullopt;
  if (mac) return given_mac(*mac, where.index);
  return Error(Code::busy, fmt::format("VF {} has no MAC, nor has its port one to make it of",
                                       where.vf.to_string()));
}

}  // namespace sluice
