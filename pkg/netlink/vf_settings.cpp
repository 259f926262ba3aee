#include "pkg/netlink/vf_settings.h"

#include <fmt/ranges.h>

#include <string_view>

namespace sluice {
namespace {

// In the order in which the kernel applies them (net/core/rtnetlink.c: do_setvfinfo).
template <typename Visit>
void for_each_setting(Visit visit) {
  visit("mac", &VfSettings::mac);
  visit("vlan", &VfSettings::vlan);
  visit("rate", &VfSettings::rate);
  visit("spoofchk", &VfSettings::spoofchk);
  visit("link_state", &VfSettings::link_state);
  visit("trust", &VfSettings::trust);
}

// Those that are compared, in the order in which people are told, each with where it is reported.
template <typename Visit>
void for_each_reported(Visit visit) {
  visit("rate", &VfSettings::rate, &VfInfo::rate);
  visit("vlan", &VfSettings::vlan, &VfInfo::vlan);
  visit("spoofchk", &VfSettings::spoofchk, &VfInfo::spoofchk);
  visit("trust", &VfSettings::trust, &VfInfo::trust);
  visit("link_state", &VfSettings::link_state, &VfInfo::link_state);
}

std::string describe(const Rate& rate) {
  return fmt::format("floor {} ceiling {}", to_string(rate.floor),
                     rate.ceiling.is_zero() ? "none" : to_string(rate.ceiling));
}

std::string describe(const VlanTag& tag) {
  const char* const protocol = tag.protocol == VlanTag::kDot1ad ? " 802.1ad" : "";
  return fmt::format("{} qos {}{}", tag.id, tag.qos, protocol);
}

std::string describe(bool on) {
  return on ? "on" : "off";
}

std::string describe(VfLinkState state) {
  switch (state) {
    case VfLinkState::automatic: return "auto";
    case VfLinkState::enable: return "enable";
    case VfLinkState::disable: return "disable";
  }
  return fmt::format("{}", static_cast<std::uint32_t>(state));
}

}  // namespace

std::vector<VfSettings> one_by_one(const VfSettings& settings) {
  std::vector<VfSettings> parts;
  for_each_setting([&](const char* /*unused*/, auto member) {
    if (settings.*member) parts.emplace_back().*member = settings.*member;
  });
  return parts;
}

std::string names_of(const VfSettings& settings) {
  std::vector<std::string_view> names;
  for_each_setting([&](const char* name, auto member) {
    if (settings.*member) names.emplace_back(name);
  });
  return fmt::format("{}", fmt::join(names, ", "));
}

bool is_among(const VfSettings& part, const VfSettings& others) {
  bool is_there = false;
  for_each_setting(
      [&](const char* /*unused*/, auto member) { is_there |= part.*member && others.*member; });
  return is_there;
}

void merge(VfSettings& to, const VfSettings& part) {
  for_each_setting([&](const char* /*unused*/, auto member) {
    if (part.*member) to.*member = part.*member;
  });
}

VfSettings common(const VfSettings& settings, const VfSettings& others) {
  VfSettings both;
  for_each_setting([&](const char* /*unused*/, auto member) {
    if (others.*member) both.*member = settings.*member;
  });
  return both;
}

VfSettings without(const VfSettings& settings, const VfSettings& others) {
  VfSettings rest;
  for_each_setting([&](const char* /*unused*/, auto member) {
    if (!(others.*member)) rest.*member = settings.*member;
  });
  return rest;
}

VfSettings known_of(VfSettings settings, const VfInfo& found) {
  for_each_reported([&](const char* /*unused*/, auto member, auto reported) {
    if (!(found.*reported)) (settings.*member).reset();
  });
  return settings;
}

std::vector<VfDifference> differences(const VfSettings& expected, const VfInfo& found) {
  std::vector<VfDifference> all;
  for_each_reported([&](const char* what, auto member, auto reported) {
    const auto& wanted = expected.*member;
    const auto& has = found.*reported;
    if (!wanted || wanted == has) return;
    VfDifference difference{.what = what,
                            .expected = describe(*wanted),
                            .found = has ? describe(*has) : std::string("nothing")};
    difference.part.*member = wanted;
    all.push_back(std::move(difference));
  });
  return all;
}

}  // namespace sluice
