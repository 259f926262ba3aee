#pragma once

#include <array>
#include <limits>
#include <optional>

#include "pkg/base/strings.h"
#include "pkg/ledger/object_reader.h"
#include "pkg/ledger/record.h"
#include "pkg/ledger/record_words.h"

/// The members of a port's file, each with what becomes of its value; for decode_port.cpp.
namespace sluice::port_fields {

template <typename Int>
Complaint assign(Int& to, const Scalar& from) {
  if (from.number > static_cast<std::uint64_t>(std::numeric_limits<Int>::max())) {
    return fmt::format("{} is too large", from.number);
  }
  to = static_cast<Int>(from.number);
  return {};
}

inline Complaint assign(BitRate& to, const Scalar& from) {
  to = BitRate::bits_per_second(from.number);
  return {};
}

template <typename Mac>
Complaint assign_mac(Mac& to, const Scalar& from) {
  const Result<MacAddress> mac = MacAddress::parse(from.text);
  if (!mac) return mac.error().message();
  to = *mac;
  return {};
}

template <auto... Path, typename Target>
Complaint text(Target& target, Scalar& value) {
  (target.*....*Path) = std::move(value.text);
  return {};
}

template <auto... Path, typename Target>
Complaint number(Target& target, Scalar& value) {
  return assign((target.*....*Path), value);
}

template <auto... Path, typename Target>
Complaint boolean(Target& target, Scalar& value) {
  (target.*....*Path) = value.boolean;
  return {};
}

template <auto... Path, typename Target>
Complaint mac(Target& target, Scalar& value) {
  return assign_mac((target.*....*Path), value);
}

template <auto Member, typename Target>
Complaint vlan(Target& target, Scalar& value) {
  std::optional<VlanTag>& tag = target.settings.vlan;
  if (!tag) tag.emplace();
  return assign((*tag).*Member, value);
}

template <auto Member>
Complaint rate(UnresetVf& vf, Scalar& value) {
  std::optional<Rate>& rate = vf.settings.rate;
  if (!rate) rate.emplace();
  return assign((*rate).*Member, value);
}

inline Complaint phase(LaneRecord& lane, Scalar& value) {
  const auto found = index_of(kPhases, value.text);
  if (!found) return "want reserved, configured, attached or releasing";
  lane.phase = static_cast<Phase>(*found);
  return {};
}

inline Complaint lost(LaneRecord& lane, Scalar& value) {
  const auto found = index_of(kLost, value.text);
  if (!found) return "want rdma_device or link";
  lane.lost = static_cast<Lost>(*found);
  return {};
}

inline Complaint char_devices(LaneRecord& lane, Scalar& value) {
  for (const std::string_view name : split(value.text, ' ')) lane.char_devices.emplace_back(name);
  return {};
}

template <typename Target>
Complaint link_state(Target& target, Scalar& value) {
  const auto found = index_of(kLinkStates, value.text);
  if (!found) return "want auto, enable or disable";
  target.settings.link_state = static_cast<VfLinkState>(*found);
  return {};
}

using L = LaneRecord;
using V = VfSettings;
using D = DecodedPort;
constexpr Presence kAlways = Presence::always;
constexpr Presence kOptional = Presence::optional;
constexpr Presence kWithVlan = Presence::with_vlan;

inline constexpr std::array kLaneFields = std::to_array<Field<LaneRecord>>({
    {"/id", Kind::text, kAlways, text<&L::id>},
    {"/provider", Kind::text, kAlways, text<&L::provider>},
    {"/number", Kind::number, kAlways, number<&L::number>},
    {"/phase", Kind::text, kAlways, phase},
    {"/owner/network", Kind::text, kAlways, text<&L::owner, &Owner::network>},
    {"/owner/container_id", Kind::text, kAlways, text<&L::owner, &Owner::container_id>},
    {"/owner/ifname", Kind::text, kAlways, text<&L::owner, &Owner::ifname>},
    {"/owner/netns", Kind::text, kAlways, text<&L::owner, &Owner::netns>},
    {"/owner/netns_cookie", Kind::number, kAlways, number<&L::owner, &Owner::netns_cookie>},
    {"/owner/pod", Kind::text, kOptional, text<&L::owner, &Owner::pod>},
    {"/owner/pod_uid", Kind::text, kOptional, text<&L::owner, &Owner::pod_uid>},
    {"/owner/beside", Kind::text, kOptional, text<&L::owner, &Owner::beside>},
    {"/class", Kind::text, kOptional, text<&L::class_name>},
    {"/asked/floor", Kind::number, kAlways, number<&L::asked, &Rate::floor>},
    {"/asked/ceiling", Kind::number, kAlways, number<&L::asked, &Rate::ceiling>},
    {"/in_force/floor", Kind::number, kAlways, number<&L::in_force, &Rate::floor>},
    {"/in_force/ceiling", Kind::number, kAlways, number<&L::in_force, &Rate::ceiling>},
    {"/settings/mac", Kind::text, kOptional, mac<&L::settings, &V::mac>},
    {"/settings/vlan/id", Kind::number, kWithVlan, vlan<&VlanTag::id>},
    {"/settings/vlan/qos", Kind::number, kWithVlan, vlan<&VlanTag::qos>},
    {"/settings/vlan/protocol", Kind::number, kWithVlan, vlan<&VlanTag::protocol>},
    {"/settings/spoofchk", Kind::boolean, kOptional, boolean<&L::settings, &V::spoofchk>},
    {"/settings/trust", Kind::boolean, kOptional, boolean<&L::settings, &V::trust>},
    {"/settings/link_state", Kind::text, kOptional, link_state},
    {"/home/name", Kind::text, kAlways, text<&L::home, &Home::name>},
    {"/home/mac", Kind::text, kAlways, mac<&L::home, &Home::mac>},
    {"/home/mtu", Kind::number, kAlways, number<&L::home, &Home::mtu>},
    {"/link_index", Kind::number, kAlways, number<&L::link_index>},
    {"/rdma_device", Kind::text, kOptional, text<&L::rdma_device>},
    {"/child", Kind::text, kOptional, text<&L::child>},
    {"/mtu", Kind::number, kOptional, number<&L::mtu>},
    {"/lost", Kind::text, kOptional, lost},
    {"/char_devices", Kind::text, kOptional, char_devices},
});

using U = UnresetVf;

inline constexpr std::array kUnresetFields = std::to_array<Field<UnresetVf>>({
    {"/id", Kind::text, kAlways, text<&U::id>},
    {"/number", Kind::number, kAlways, number<&U::number>},
    {"/settings/mac", Kind::text, kOptional, mac<&U::settings, &V::mac>},
    {"/settings/vlan/id", Kind::number, kWithVlan, vlan<&VlanTag::id>},
    {"/settings/vlan/qos", Kind::number, kWithVlan, vlan<&VlanTag::qos>},
    {"/settings/vlan/protocol", Kind::number, kWithVlan, vlan<&VlanTag::protocol>},
    {"/settings/rate/floor", Kind::number, kOptional, rate<&Rate::floor>},
    {"/settings/rate/ceiling", Kind::number, kOptional, rate<&Rate::ceiling>},
    {"/settings/spoofchk", Kind::boolean, kOptional, boolean<&U::settings, &V::spoofchk>},
    {"/settings/trust", Kind::boolean, kOptional, boolean<&U::settings, &V::trust>},
    {"/settings/link_state", Kind::text, kOptional, link_state},
});

inline constexpr std::array
    kFileFields =
        std::
            to_array<Field<DecodedPort>>(
                {
                    {"/version", Kind::number, kAlways,
                     [](DecodedPort&, Scalar& value) {
                       return value.number == kPortFileVersion
                                  ? Complaint()
                                  : fmt::format("want {}", kPortFileVersion);
                     }},
                    {"/boot_id", Kind::text, kAlways, text<&D::boot_id>},
                    {"/port", Kind::text, kAlways, text<&D::record, &PortRecord::port>},
                    {"/driver", Kind::text, kAlways, text<&D::record, &PortRecord::driver>},
                    {"/line_rate", Kind::number, kAlways,
                     number<&D::record, &PortRecord::line_rate>},
                    {"/spoofchk", Kind::boolean, kOptional,
                     boolean<&D::record, &PortRecord::spoofchk>},
                    {"/carrier_changes", Kind::number, kOptional,
                     [](DecodedPort& port, Scalar& value) {
                       port.record.carrier_changes = value.number;
                       return Complaint();
                     }},
                    {"/usable/fixed", Kind::number, kOptional,
                     number<&D::record, &PortRecord::usable_part, &UsablePart::fixed>},
                    {"/usable/percent", Kind::number, kOptional,
                     number<&D::record, &PortRecord::usable_part, &UsablePart::percent>},
                });

}  // namespace sluice::port_fields
