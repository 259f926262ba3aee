#pragma once

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "ctl/doctor/report.h"
#include "ctl/doctor/trial.h"
#include "pkg/base/unique_fd.h"

namespace sluice {

/// SIGINT, SIGTERM and SIGHUP held back, to be read from a descriptor instead, and SIGPIPE ignored:
/// a trial is not left by its watcher. For the rest of the process, which is short.
class HeldSignals {
 public:
  static Result<HeldSignals> hold();

  int fd() const { return fd_.get(); }

 private:
  explicit HeldSignals(UniqueFd fd) : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

using Tell = std::function<void(const StepResult&)>;

/// Runs `trial` in a process of its own, which dies with this one, and passes on what it tells.
/// Ends it after `bound` and when a held signal comes. Empty when it ran to its end; otherwise what
/// cut it short: "killed by signal 9". An Error when it could not be started.
Result<std::string> watch(const std::function<void(const Tell&)>& trial, const Tell& tell,
                          const HeldSignals& signals, std::chrono::milliseconds bound);

/// What a trial that was cut short has not told: its steps that are not in `done`, as untried. The
/// first of them is the one it was at.
std::vector<StepResult> untold_steps(std::span<const Step> all, const std::vector<StepResult>& done,
                                     const std::string& why);

}  // namespace sluice
