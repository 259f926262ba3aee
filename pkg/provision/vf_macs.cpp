#include "pkg/provision/vf_macs.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <thread>

#include "pkg/bandwidth/port_capability.h"
#include "pkg/lane/vf/given_mac.h"
#include "pkg/lane/vf/lane_settings.h"
#include "pkg/lane/vf/vf_driver.h"
#include "pkg/provision/uplink.h"

namespace sluice {
namespace {

using std::chrono::steady_clock;

// qed/qed_vf.c qed_iov_vf_task reads the bulletin board each HZ; the rest is for a busy node.
constexpr std::chrono::seconds kMacTimeout{3};
constexpr std::chrono::milliseconds kPoll{50};

const Vf* vf_of(const Port& port, int index) {
  const auto found = std::find_if(port.vfs.begin(), port.vfs.end(),
                                  [index](const Vf& vf) { return vf.index == index; });
  return found == port.vfs.end() ? nullptr : &*found;
}

// nullopt where the VF's link is none or has just been renamed.
Result<std::optional<Link>> link_of(Links& links, const Vf& vf) {
  if (vf.link.empty()) return std::optional<Link>();
  std::optional<Link> link = TRY(links.find(vf.link));
  if (link && link->parent_bus == "pci" && link->parent_device != vf.address.to_string()) {
    link.reset();
  }
  return link;
}

bool refuses_so_early(const VfSettings& part, const Error& error) {
  return error.code() == Code::invalid_argument || is_unsupported(part, error);
}

}  // namespace

Result<bool> give_macs(Links& links, const Port& port, int count) {
  if (port.link.empty() || !vf_driver_of(capability_name(port)).mac_before_vfs) return false;
  const Link uplink = TRY(uplink_of(links, port));
  const std::optional<MacAddress> base = mac_of_port(uplink);
  if (!base) return false;
  for (int vf = 0; vf < count; ++vf) {
    const VfSettings mac{.mac = given_mac(*base, vf)};
    Result<> given = links.set_vf(uplink.index, vf, mac);
    if (!given && refuses_so_early(mac, given.error())) return false;
    TRY(std::move(given).context("give VF {} its MAC", vf));
  }
  return count > 0;
}

Result<std::optional<MacAddress>> mac_to_give(Links& links, const Link& uplink, const Port& port,
                                              const VfInfo& vf) {
  const VfDriver& driver = vf_driver_of(capability_name(port));
  const std::optional<MacAddress> none;
  if (!driver.needs_port_mac && !driver.fresh_without_mac) return none;
  if (!vf.mac || !vf.mac->is_zero()) return none;
  const Vf* const function = vf_of(port, vf.index);
  if (function == nullptr || function->state == VfState::away) return none;
  const std::optional<Link> link = TRY(link_of(links, *function));
  // A link that is being renamed: the port is told at attach.
  if (!link && !function->link.empty()) return none;
  if (link && !link->mac) return none;
  if (link && !link->mac->is_zero()) return driver.needs_port_mac ? link->mac : none;
  const std::optional<MacAddress> base = mac_of_port(uplink);
  return base ? std::optional(given_mac(*base, vf.index)) : none;
}

Result<std::vector<int>> wait_for_macs(Links& links, const Port& port, std::vector<int> vfs,
                                       const Deadline& deadline) {
  const auto end = std::min(deadline.at, steady_clock::now() + kMacTimeout);
  for (;;) {
    std::vector<int> without;
    for (const int index : vfs) {
      const Vf* const vf = vf_of(port, index);
      const std::optional<Link> link = vf != nullptr ? TRY(link_of(links, *vf)) : std::nullopt;
      if (link && link->mac && link->mac->is_zero()) without.push_back(index);
    }
    vfs = std::move(without);
    if (vfs.empty() || deadline.is_over() || steady_clock::now() >= end) return vfs;
    std::this_thread::sleep_for(kPoll);
  }
}

}  // namespace sluice
