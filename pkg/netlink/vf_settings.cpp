#include "pkg/netlink/vf_settings.h"

#include <fmt/ranges.h>

#include <string_view>

namespace sluice {

std::vector<VfSettings> one_by_one(const VfSettings& settings) {
  std::vector<VfSettings> parts;
  if (settings.mac) parts.push_back({.mac = settings.mac});
  if (settings.vlan) parts.push_back({.vlan = settings.vlan});
  if (settings.rate) parts.push_back({.rate = settings.rate});
  if (settings.spoofchk) parts.push_back({.spoofchk = settings.spoofchk});
  if (settings.link_state) parts.push_back({.link_state = settings.link_state});
  if (settings.trust) parts.push_back({.trust = settings.trust});
  return parts;
}

std::string names_of(const VfSettings& settings) {
  std::vector<std::string_view> names;
  if (settings.mac) names.emplace_back("mac");
  if (settings.vlan) names.emplace_back("vlan");
  if (settings.rate) names.emplace_back("rate");
  if (settings.spoofchk) names.emplace_back("spoofchk");
  if (settings.link_state) names.emplace_back("link_state");
  if (settings.trust) names.emplace_back("trust");
  return fmt::format("{}", fmt::join(names, ", "));
}

bool is_among(const VfSettings& part, const VfSettings& others) {
  return (part.mac && others.mac) || (part.vlan && others.vlan) || (part.rate && others.rate) ||
         (part.spoofchk && others.spoofchk) || (part.link_state && others.link_state) ||
         (part.trust && others.trust);
}

void merge(VfSettings& to, const VfSettings& part) {
  if (part.mac) to.mac = part.mac;
  if (part.vlan) to.vlan = part.vlan;
  if (part.rate) to.rate = part.rate;
  if (part.spoofchk) to.spoofchk = part.spoofchk;
  if (part.link_state) to.link_state = part.link_state;
  if (part.trust) to.trust = part.trust;
}

VfSettings known_of(VfSettings settings, const VfInfo& found) {
  if (!found.rate) settings.rate.reset();
  if (!found.vlan) settings.vlan.reset();
  if (!found.spoofchk) settings.spoofchk.reset();
  if (!found.trust) settings.trust.reset();
  if (!found.link_state) settings.link_state.reset();
  return settings;
}

}  // namespace sluice
