#include "ctl/doctor/trial.h"

#include <utility>

#include "pkg/base/crash_point.h"
#include "pkg/lane/providers.h"
#include "pkg/lane/vf/vf_driver.h"

namespace sluice {
namespace {

// The name of the lane's link in the namespace, as most pods have it.
constexpr const char* kInterface = "net1";

AttachmentId attachment() {
  return {.container_id = kTrialNetwork, .ifname = kInterface};
}

}  // namespace

Trial::Trial(TrialWorld world, const Subject& subject, const NetNs& pod, std::string netns,
             TrialTimes times)
    : world_(world),
      subject_(subject),
      pod_(pod),
      netns_(std::move(netns)),
      times_(times),
      lanes_(world.kernel, world.sysfs, world.ledger, world.aside,
             providers(world.kernel, world.sysfs, world.ledger)) {}

LaneRequest Trial::request() const {
  LaneRequest request;
  request.made_of = OfVf{subject_.vf};
  request.owner = {.network = kTrialNetwork,
                   .container_id = attachment().container_id,
                   .ifname = attachment().ifname,
                   .netns = netns_};
  request.timeout = times_.timeout;
  return request;
}

Result<Lane> Trial::attach(const LaneRequest& request) {
  Lane lane = TRY(lanes_.attach(request, pod_));
  lane_ = lane;
  return lane;
}

Result<> Trial::detach() {
  TRY(lanes_.detach(attachment(), subject_.vf.to_string()));
  lane_.reset();
  return {};
}

Result<> Trial::check() {
  TRY(lanes_.check(attachment(), pod_));
  return {};
}

Finding Trial::live(const LaneRequest& request, const std::function<Finding(const Lane&)>& look) {
  const Result<Lane> lane = attach(request);
  Finding finding = lane ? look(*lane) : judge(lane.error());
  crash_point("doctor.looked");
  const auto blame = [&finding](const std::string& what) {
    finding.verdict = Verdict::not_kept;
    finding.answer += (finding.answer.empty() ? "" : "; ") + what;
  };
  if (const Result<> home = lane ? detach() : Result<>(); !home) {
    blame("on the way home: " + home.error().message());
    return finding;
  }
  const auto rest = left_behind(world_.kernel, world_.sysfs, world_.ledger, subject_);
  if (!rest) blame("afterwards: " + rest.error().message());
  if (rest && !rest->empty()) blame("left behind: " + *rest);
  return finding;
}

Finding Trial::judge(const Error& error) const {
  const bool takes_settings =
      subject_.capability.vf_settings && vf_driver_of(subject_.port_driver).settings;
  if (error.code() == Code::unsupported || !takes_settings) {
    return {Verdict::refused, error.message()};
  }
  const bool later = error.code() == Code::busy || error.code() == Code::exhausted;
  return {later ? Verdict::untried : Verdict::not_kept, error.message()};
}

void run_trial(Trial& trial, const std::function<void(const StepResult&)>& tell) {
  for (const Step& step : trial_steps()) {
    crash_point(fmt::format("doctor.{}", step.name).c_str());
    tell({.step = step.name, .promise = step.promise, .finding = step.run(trial)});
  }
}

}  // namespace sluice
