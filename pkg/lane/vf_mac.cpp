// A VF's MAC. Drivers differ in who has to write it first, and in what they refuse (vf_driver.h).
#include "pkg/lane/retrying.h"
#include "pkg/lane/vf_driver.h"
#include "pkg/lane/vf_provider.h"

namespace sluice {

Result<> VfProvider::give_mac(const PortRecord& port, const LaneRecord& lane,
                              const VfLocation& where, int port_index,
                              const MacAddress& mac) const {
  const VfDriver& driver = vf_driver_of(port.driver);
  const VfSettings wanted{.mac = mac};
  if (driver.mac_path == MacPath::port_first) {
    TRY(set(port_index, lane.number, wanted));
    return settle_link_mac(where, mac).context("set MAC of VF {}", lane.id);
  }
  const std::optional<Link> link = TRY(link_at_home(where, lane.link_index));
  if (!link) return Error(Code::busy, fmt::format("the link of VF {} has just gone", lane.id));
  if (kernel_.links().change(link->index, {.mac = mac})) return {};
  // The port has given it another one, by which it is pinned.
  TRY(set(port_index, lane.number, driver.zero_unpins ? VfSettings{.mac = MacAddress()} : wanted));
  return settle_link_mac(where, mac).context("set MAC of VF {}", lane.id);
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

Result<> VfProvider::settle_link_mac(const VfLocation& where, const MacAddress& mac) const {
  const auto compare_and_set = [&]() -> Result<> {
    const VfLocation now = TRY(locate_vf(sysfs_, where.vf, where.index));
    const std::optional<Link> link = TRY(link_at_home(now, 0));
    if (!link || !link->mac || *link->mac == mac) return {};
    return kernel_.links().change(link->index, {.mac = mac});
  };
  // A VF in reset answers ENODEV, EACCES or EINVAL to what it takes a moment later.
  return retrying(compare_and_set, [](const Error&) { return true; });
}

}  // namespace sluice
