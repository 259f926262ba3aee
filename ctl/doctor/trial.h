#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "ctl/doctor/report.h"
#include "ctl/doctor/subject.h"
#include "pkg/lane/lanes.h"
#include "pkg/netlink/frame_sockets.h"

namespace sluice {

/// What a trial has to do with. All must outlive it.
struct TrialWorld {
  Kernel& kernel;
  const Dir& sysfs;
  const Ledger& ledger;
  const SetAsideStore& aside;
  FrameSockets& frames;
};

/// How long a trial waits; a test has less time.
struct TrialTimes {
  std::chrono::milliseconds timeout{5'000};   ///< For the port's lock, and for its carrier.
  std::chrono::milliseconds carrier{10'000};  ///< For the VF's carrier in the namespace.
  std::chrono::milliseconds frames{2'000};    ///< For a frame to arrive.
  std::chrono::milliseconds measure{2'000};   ///< For what a ceiling lets through.
};

/// A VF on its way through lanes' lives: gives it to the namespace and takes it back, through
/// Lanes, as often as steps ask for it. It has one lane at a time.
class Trial {
 public:
  /// `netns` is the path of `pod`.
  Trial(TrialWorld world, const Subject& subject, const NetNs& pod, std::string netns,
        TrialTimes times);

  /// A request for the VF that asks for nothing; a step adds what it is about.
  LaneRequest request() const;

  Result<Lane> attach(const LaneRequest& request);
  Result<> detach();
  Result<> check();

  /// Attaches, lets `look` judge the lane, detaches, and looks at what is left: one whole life.
  /// What fails on the way home outweighs what `look` found.
  Finding live(const LaneRequest& request, const std::function<Finding(const Lane&)>& look);

  /// What a failure of the kernel or of Lanes means for a promise.
  Finding judge(const Error& error) const;

  const Subject& subject() const { return subject_; }

  const TrialTimes& times() const { return times_; }

  TrialWorld& world() { return world_; }

  const NetNs& pod() const { return pod_; }

  /// The lane attached now; nullopt between two lives.
  const std::optional<Lane>& lane() const { return lane_; }

  /// Set when frames have come from the VF to its port: what later steps build on.
  bool frames_pass = false;

 private:
  TrialWorld world_;
  const Subject& subject_;
  const NetNs& pod_;
  std::string netns_;
  TrialTimes times_;
  Lanes lanes_;
  std::optional<Lane> lane_;
};

/// One promise and how it is tried. Steps run in the table's order; a step leaves no lane behind,
/// except that the first life goes from "attach" to "release".
struct Step {
  const char* name;
  const char* promise;
  Finding (*run)(Trial&);
};

/// All steps.
std::span<const Step> trial_steps();

/// Runs all steps; `tell` hears each one as it is done. Ends with the VF at baseline, or says in
/// its last step what is left.
void run_trial(Trial& trial, const std::function<void(const StepResult&)>& tell);

}  // namespace sluice
