// Frames between the VF and its port.
#include "ctl/doctor/frames.h"
#include "ctl/doctor/steps.h"

namespace sluice {
namespace {

Finding untried(const std::string& why) {
  return {Verdict::untried, why};
}

std::string describe(const Passed& passed) {
  return fmt::format("{} of {} frames arrived", passed.arrived, passed.sent);
}

// In both directions: causes that lie in the machine, not in the lane.
std::optional<Finding> obstacle(const FramePath& path) {
  if (!path.port_is_up) return untried("the port is down: ip link set <port> up");
  if (!path.vf_has_carrier) return untried("no carrier in the namespace, so no traffic");
  return std::nullopt;
}

Finding judge_passed(const Result<Passed>& passed, const char* causes) {
  if (!passed) return {Verdict::not_kept, passed.error().message()};
  if (passed->arrived > 0) return {Verdict::kept, describe(*passed)};
  return {Verdict::not_kept, describe(*passed) + "; likely causes: " + causes};
}

Finding judge_spoof_check(const Result<Passed>& own, const Result<Passed>& foreign) {
  if (!own || !foreign) return {Verdict::not_kept, (own ? foreign : own).error().message()};
  const std::string answer =
      fmt::format("own source MAC: {}; foreign source MAC: {}", describe(*own), describe(*foreign));
  if (own->arrived == 0) return {Verdict::not_kept, answer};
  return {foreign->arrived == 0 ? Verdict::kept : Verdict::not_kept, answer};
}

Finding spoof(Trial& trial) {
  Result<FramePath> path = open_path(trial);
  if (!path) return untried(path.error().message());
  if (const auto why = obstacle(*path)) return *why;
  if (!trial.frames_pass) return untried("frames of the VF do not arrive at its port anyway");
  MacAddress::Bytes other = path->vf_mac.bytes();
  other[0] = 0x02;  // Locally administered, and no group.
  other[5] = static_cast<std::uint8_t>(~other[5]);
  const Frame own{.to = path->port_mac, .from = path->vf_mac, .mark = 3};
  const Frame foreign{.to = path->port_mac, .from = MacAddress(other), .mark = 4};
  const auto timeout = trial.times().frames;
  const Result<Passed> lost = pass_frames(*path->vf, *path->port, foreign, timeout);
  return judge_spoof_check(pass_frames(*path->vf, *path->port, own, timeout), lost);
}

}  // namespace

Finding try_frames_out(Trial& trial) {
  if (!trial.lane()) return untried("the VF is not in the namespace");
  Result<FramePath> path = open_path(trial);
  if (!path) return untried(path.error().message());
  if (const auto why = obstacle(*path)) return *why;
  const Frame frame{.to = path->port_mac, .from = path->vf_mac, .mark = 1};
  Finding finding = judge_passed(
      pass_frames(*path->vf, *path->port, frame, trial.times().frames),
      "the port sends them out instead of back (hairpin off, VEPA), its spoof check drops them, or "
      "its link is in a bridge that takes them");
  trial.frames_pass = finding.verdict == Verdict::kept;
  return finding;
}

Finding try_frames_in(Trial& trial) {
  if (!trial.lane()) return untried("the VF is not in the namespace");
  Result<FramePath> path = open_path(trial);
  if (!path) return untried(path.error().message());
  if (const auto why = obstacle(*path)) return *why;
  const Frame frame{.to = path->vf_mac, .from = path->port_mac, .mark = 2};
  return judge_passed(pass_frames(*path->port, *path->vf, frame, trial.times().frames),
                      "the port sends them out instead of back (hairpin off, VEPA), or does not "
                      "know the VF's MAC");
}

Finding try_spoofchk(Trial& trial) {
  LaneRequest request = trial.request();
  request.settings.spoofchk = true;
  return trial.live(request, [&trial](const Lane&) { return spoof(trial); });
}

}  // namespace sluice
