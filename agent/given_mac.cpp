#include "agent/given_mac.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <thread>

#include "agent/uplink.h"
#include "pkg/lane/vf_driver.h"
#include "pkg/lane/vf_settings.h"

namespace sluice {
namespace {

using std::chrono::steady_clock;

// qed_vf.c qed_iov_pf_task reads the bulletin board each HZ; the rest is for a busy node.
constexpr std::chrono::seconds kMacPatience{3};
constexpr std::chrono::milliseconds kPoll{50};

// The finalizer of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): a bijection.
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31U);
}

std::optional<MacAddress> mac_of(const Link& uplink) {
  const std::optional<MacAddress> mac = uplink.permanent_mac ? uplink.permanent_mac : uplink.mac;
  return mac && !mac->is_zero() ? mac : std::nullopt;
}

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

MacAddress given_mac(const MacAddress& port, int vf) {
  std::uint64_t input = 0;
  for (const std::uint8_t byte : port.bytes()) input = input << 8U | byte;
  const std::uint64_t hash = mix(input << 16U | static_cast<std::uint16_t>(vf));
  MacAddress::Bytes bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(hash >> (8U * i));
  }
  // IEEE 802, 8.2: bit 0 of the first octet is "group", bit 1 "locally administered".
  bytes[0] = static_cast<std::uint8_t>((bytes[0] & 0xfcU) | 0x02U);
  return MacAddress(bytes);
}

Result<bool> give_macs(Links& links, const Port& port, int count) {
  if (port.link.empty() || !vf_driver_of(table_name(port)).mac_before_vfs) return false;
  const Link uplink = TRY(uplink_of(links, port));
  const std::optional<MacAddress> base = mac_of(uplink);
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
  const VfDriver& driver = vf_driver_of(table_name(port));
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
  const std::optional<MacAddress> base = mac_of(uplink);
  return base ? std::optional(given_mac(*base, vf.index)) : none;
}

Result<std::vector<int>> wait_for_macs(Links& links, const Port& port, std::vector<int> vfs,
                                       const Deadline& deadline) {
  const auto end = std::min(deadline.at, steady_clock::now() + kMacPatience);
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
