// A life for each setting of a VF: taken by the driver, and read back.
#include "ctl/doctor/frames.h"
#include "ctl/doctor/steps.h"

namespace sluice {
namespace {

/// One setting of a VF as text; nullopt where the driver does not report it.
using Reader = std::optional<std::string> (*)(const VfInfo&);

Finding compare(Trial& trial, Reader read, const std::string& wanted) {
  const auto report = report_of(trial.world().kernel, trial.subject().location);
  if (!report) return {Verdict::not_kept, report.error().message()};
  const std::optional<std::string> found = *report ? read(**report) : std::nullopt;
  if (!found) return {Verdict::kept, "acknowledged; the driver does not report it"};
  if (*found == wanted) return {Verdict::kept, "read back: " + *found};
  return {Verdict::not_kept, fmt::format("acknowledged '{}', read back '{}'", wanted, *found)};
}

Finding try_setting(Trial& trial, const VfSettings& setting, Reader read,
                    const std::string& wanted) {
  LaneRequest request = trial.request();
  request.settings = setting;
  return trial.live(request, [&](const Lane&) -> Finding { return compare(trial, read, wanted); });
}

/// Locally administered. Made from the VF's own, it is as good in not being another's; a fresh VF
/// of some drivers has none.
MacAddress another_mac(const MacAddress& own, int vf) {
  MacAddress::Bytes bytes = own.bytes();
  if (own.is_zero()) bytes[5] = static_cast<std::uint8_t>(vf);
  bytes[0] = bytes[0] == 0x06 ? 0x02 : 0x06;
  return MacAddress(bytes);
}

Finding judge_mac(Trial& trial, const Lane& lane, const MacAddress& wanted) {
  if (!lane.link || lane.link->mac != wanted) {
    const bool has = lane.link && lane.link->mac;
    return {Verdict::not_kept, fmt::format("{} asked, {} found", wanted.to_string(),
                                           has ? lane.link->mac->to_string() : "none")};
  }
  if (!trial.frames_pass) return {Verdict::kept, wanted.to_string() + "; no frames tried"};
  const Result<FramePath> path = open_path(trial);
  if (!path) return {Verdict::kept, wanted.to_string() + "; " + path.error().message()};
  const Frame frame{.to = path->port_mac, .from = wanted, .mark = 5};
  const auto passed = pass_frames(*path->vf, *path->port, frame, trial.times().frames);
  if (!passed) return {Verdict::not_kept, passed.error().message()};
  return {passed->arrived > 0 ? Verdict::kept : Verdict::not_kept,
          fmt::format("{}; {} of {} frames arrived", wanted.to_string(), passed->arrived,
                      passed->sent)};
}

}  // namespace

Finding try_mac(Trial& trial) {
  const Subject& subject = trial.subject();
  if (!subject.home.mac) return {Verdict::untried, "the link has no Ethernet address"};
  const MacAddress wanted = another_mac(*subject.home.mac, subject.location.index);
  LaneRequest request = trial.request();
  request.settings.mac = wanted;
  return trial.live(request, [&](const Lane& lane) { return judge_mac(trial, lane, wanted); });
}

Finding try_vlan(Trial& trial) {
  constexpr VlanTag kTag{.id = 100, .qos = 3};
  return try_setting(
      trial, {.vlan = kTag},
      [](const VfInfo& vf) -> std::optional<std::string> {
        if (!vf.vlan) return std::nullopt;
        return fmt::format("VLAN {} priority {}", vf.vlan->id, vf.vlan->qos);
      },
      fmt::format("VLAN {} priority {}", kTag.id, kTag.qos));
}

Finding try_trust(Trial& trial) {
  return try_setting(
      trial, {.trust = true},
      [](const VfInfo& vf) -> std::optional<std::string> {
        if (!vf.trust) return std::nullopt;
        return *vf.trust ? "on" : "off";
      },
      "on");
}

Finding try_link_state(Trial& trial) {
  return try_setting(
      trial, {.link_state = VfLinkState::enable},
      [](const VfInfo& vf) -> std::optional<std::string> {
        if (!vf.link_state) return std::nullopt;
        return *vf.link_state == VfLinkState::enable ? "enable" : "not enable";
      },
      "enable");
}

}  // namespace sluice
