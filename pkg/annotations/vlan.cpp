#include "pkg/annotations/vlan.h"

#include <string>

#include "pkg/base/strings.h"

namespace sluice {
namespace {

constexpr int kMostVlan = 4094;
constexpr int kMostQos = 7;

}  // namespace

std::optional<VlanTag> read_vlan(Members& members) {
  const auto id = members.number("vlan", 0, kMostVlan);
  const int qos = members.number("vlanQoS", 0, kMostQos).value_or(0);
  const std::string protocol = members.text("vlanProto", "802.1q");
  if (protocol != "802.1q" && protocol != "802.1ad") {
    members.reject("vlanProto",
                   fmt::format("want \"802.1q\" or \"802.1ad\", got {}", in_quotes(protocol)));
  }
  if (!id) {
    for (const char* const key : {"vlanQoS", "vlanProto"}) {
      if (members.find(key) != nullptr) members.reject(key, "needs \"vlan\" beside it");
    }
    return std::nullopt;
  }
  const bool is_plain = qos == 0 && protocol != "802.1ad";
  if (*id == 0 && !is_plain) {
    members.reject("vlan", "0 is no VLAN, so it has no priority and no protocol");
  }
  return VlanTag{.id = static_cast<std::uint16_t>(*id),
                 .qos = static_cast<std::uint8_t>(qos),
                 .protocol = protocol == "802.1ad" ? VlanTag::kDot1ad : VlanTag::kDot1q};
}

}  // namespace sluice
