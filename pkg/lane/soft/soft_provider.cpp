#include "pkg/lane/soft/soft_provider.h"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>

#include "pkg/bandwidth/capability.h"
#include "pkg/base/crash_point.h"
#include "pkg/base/strings.h"

namespace sluice {
namespace {

// 1514 of 1538 bytes on the wire are 98.4 % for full frames of MTU 1500.
constexpr std::uint64_t kCountedPercent = 98;

/// Locally administered and random: 46 bits, so that two lanes of a rack do not meet.
Result<MacAddress> random_mac() {
  MacAddress::Bytes bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return Error::from_errno(errno, "draw a MAC address");
  }
  bytes[0] = static_cast<std::uint8_t>((bytes[0] & 0xfc) | 0x02);
  return MacAddress(bytes);
}

Result<> refuse_vf_settings(const VfSettings& settings) {
  const auto refuse = [](const char* what) {
    return Error(Code::unsupported, fmt::format("a software lane has no {}", what));
  };
  if (settings.vlan && *settings.vlan != VlanTag{}) return refuse("VLAN tag");
  if (settings.trust.value_or(false)) return refuse("trust");
  if (settings.spoofchk.value_or(false)) return refuse("MAC spoof check");
  if (settings.link_state.value_or(VfLinkState::automatic) != VfLinkState::automatic) {
    return refuse("link state of its own");
  }
  if (settings.node_guid || settings.port_guid) return refuse("GUID");
  return {};
}

const OfUplink& asked_of(const LaneRequest& request) {
  return *std::get_if<OfUplink>(&request.made_of);
}

/// An uplink that does not tell its line rate has one for all its lanes.
Result<> check_line_rate(const OfUplink& asked, const PortRecord& port) {
  const bool is_another = asked.line_rate && *asked.line_rate != port.line_rate;
  if (port.lanes.empty() || !is_another) return {};
  return Error(Code::invalid_argument,
               fmt::format("lineRate {} asked, but uplink '{}' has {} lanes at {}; it can be "
                           "another when they are gone",
                           to_string(*asked.line_rate), port_label(port.port), port.lanes.size(),
                           to_string(port.line_rate)));
}

/// The lowest number without a lane; nullopt when all are taken.
std::optional<int> free_number(const PortRecord& port) {
  for (int number = 0; number < HtbShaper::kMostLanes; ++number) {
    const bool taken = std::any_of(port.lanes.begin(), port.lanes.end(),
                                   [&](const LaneRecord& lane) { return lane.number == number; });
    if (!taken) return number;
  }
  return std::nullopt;
}

}  // namespace

Result<std::optional<BitRate>> SoftProvider::told_rate(const std::string& uplink) const {
  // Mbit/s; reading fails with EINVAL, or says -1, where the driver or a missing carrier says none.
  const auto text = sysfs_.read(fmt::format("class/net/{}/speed", uplink));
  if (!text || !*text) return std::optional<BitRate>();
  const Result<std::int64_t> speed = parse_int<std::int64_t>(trim(**text));
  if (!speed || *speed <= 0) return std::optional<BitRate>();
  const BitRate line = BitRate::mbps(static_cast<std::uint64_t>(*speed));
  return std::optional<BitRate>(
      BitRate::bits_per_second(line.as_bits_per_second() / 100 * kCountedPercent));
}

bool SoftProvider::makes(const Material& asked) const {
  return std::holds_alternative<OfUplink>(asked);
}

Result<PortFacts> SoftProvider::port_of(const LaneRequest& request) {
  const OfUplink& asked = asked_of(request);
  if (!TRY(kernel_.links().find(asked.uplink))) {
    return Error(Code::not_found, fmt::format("no uplink '{}' on this node", asked.uplink));
  }
  std::optional<BitRate> rate = asked.line_rate;
  if (!rate) rate = TRY(told_rate(asked.uplink));
  if (!rate || rate->is_zero()) {
    return Error(
        Code::invalid_argument,
        fmt::format("uplink '{}' does not tell its line rate, so the network configuration "
                    "must: lineRate",
                    asked.uplink));
  }
  return PortFacts{.port = fmt::format("{}{}", kUplinkPrefix, asked.uplink),
                   .driver = std::string(htb_capability().driver),
                   .line_rate = *rate};
}

Result<LaneRecord> SoftProvider::describe(const LaneRequest& request, const PortRecord& port) {
  const OfUplink& asked = asked_of(request);
  TRY(check_line_rate(asked, port));
  TRY(refuse_vf_settings(request.settings));
  const std::optional<int> number = free_number(port);
  if (!number) {
    return Error(Code::exhausted, fmt::format("uplink '{}' has {} lanes and can have no more",
                                              asked.uplink, HtbShaper::kMostLanes));
  }
  LaneRecord lane;
  lane.id = fmt::format("soft-{}", *number);
  lane.number = *number;
  lane.child = asked.child;
  lane.home.mac = request.settings.mac ? *request.settings.mac : TRY(random_mac());
  const auto uplink = TRY(kernel_.links().find(asked.uplink));
  if (!uplink) return Error(Code::not_found, fmt::format("no uplink '{}'", asked.uplink));
  // What stays at home of a veth pair; IFNAMSIZ leaves 15 characters (linux/if.h).
  if (lane.child == "veth") lane.home.name = fmt::format("sl{}-{}", uplink->index, *number);
  lane.home.mtu = uplink->mtu;
  return lane;
}

Result<Link> SoftProvider::uplink_of(const PortRecord& port) {
  const std::string name(port_label(port.port));
  std::optional<Link> uplink = TRY(kernel_.links().find(name));
  if (!uplink) return Error(Code::not_found, fmt::format("uplink '{}' is gone", name));
  return *std::move(uplink);
}

Result<HtbShaper> SoftProvider::shaper_of(const PortRecord& port) {
  return HtbShaper(*TRY(kernel_.traffic_control()), TRY(uplink_of(port)).index, port.usable());
}

Result<> SoftProvider::configure(const PortRecord& port, const LaneRecord& lane) {
  HtbShaper shaper = TRY(shaper_of(port));
  TRY(shaper.apply(lane.number, lane.in_force).context("shape lane {}", lane.id));
  crash_point("attach.shaped");
  return shaper.direct(lane.number, lane.home.mac).context("shape lane {}", lane.id);
}

Result<> SoftProvider::set_rate(const PortRecord& port, const LaneRecord& lane, const Rate& rate) {
  HtbShaper shaper = TRY(shaper_of(port));
  return shaper.apply(lane.number, rate);
}

}  // namespace sluice
