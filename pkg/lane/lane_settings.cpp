#include "pkg/lane/lane_settings.h"

#include "pkg/lane/vf_driver.h"

namespace sluice {
namespace {

std::string describe_rate(const Rate& rate) {
  return fmt::format("floor {} ceiling {}", to_string(rate.floor),
                     rate.ceiling.is_zero() ? "none" : to_string(rate.ceiling));
}

std::string describe_tag(const VlanTag& tag) {
  const char* const protocol = tag.protocol == VlanTag::kDot1ad ? " 802.1ad" : "";
  return fmt::format("{} qos {}{}", tag.id, tag.qos, protocol);
}

std::string describe_state(VfLinkState state) {
  switch (state) {
    case VfLinkState::automatic: return "auto";
    case VfLinkState::enable: return "enable";
    case VfLinkState::disable: return "disable";
  }
  return fmt::format("{}", static_cast<std::uint32_t>(state));
}

template <typename T, typename ToText>
void compare(std::vector<Drift>& drifts, const char* what, const std::optional<T>& expected,
             const std::optional<T>& found, ToText to_text) {
  if (!expected || expected == found) return;
  drifts.push_back({what, to_text(*expected), found ? to_text(*found) : "nothing"});
}

}  // namespace

VfSettings baseline_settings(const PortRecord& port) {
  if (!vf_driver_of(port.driver).settings) return {};
  return {.vlan = VlanTag{}, .rate = Rate{}, .spoofchk = port.spoofchk, .trust = false};
}

MacAddress mac_of(const LaneRecord& lane) {
  return lane.settings.mac.value_or(lane.home.mac);
}

VfSettings settings_of(const PortRecord& port, const LaneRecord& lane) {
  VfSettings settings = baseline_settings(port);
  if (settings.rate) settings.rate = lane.in_force;
  if (lane.settings.vlan) settings.vlan = lane.settings.vlan;
  if (lane.settings.spoofchk) settings.spoofchk = lane.settings.spoofchk;
  if (lane.settings.trust) settings.trust = lane.settings.trust;
  settings.link_state = lane.settings.link_state;
  const VfDriver& driver = vf_driver_of(port.driver);
  const bool port_wrote_it = driver.mac_path == MacPath::port_first && lane.link_index != 0;
  const bool is_told = lane.settings.mac ? !port_wrote_it : driver.needs_port_mac;
  if (is_told && !mac_of(lane).is_zero()) settings.mac = mac_of(lane);
  return settings;
}

bool is_unsupported(const VfSettings& part, const Error& error) {
  constexpr int kKernelNotSupported = 524;  // ENOTSUPP (linux/errno.h), no errno of user space.
  return error.code() == Code::unsupported || error.sys_errno() == kKernelNotSupported ||
         (part.spoofchk && error.code() == Code::permission_denied);
}

std::vector<Drift> compare_vf(const VfSettings& expected, const VfInfo& found) {
  const auto on_off = [](bool on) { return std::string(on ? "on" : "off"); };
  std::vector<Drift> drifts;
  compare(drifts, "rate", expected.rate, found.rate, describe_rate);
  compare(drifts, "vlan", expected.vlan, found.vlan, describe_tag);
  compare(drifts, "spoofchk", expected.spoofchk, found.spoofchk, on_off);
  compare(drifts, "trust", expected.trust, found.trust, on_off);
  compare(drifts, "link_state", expected.link_state, found.link_state, describe_state);
  return drifts;
}

}  // namespace sluice
