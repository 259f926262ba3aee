#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/bit_rate.h"
#include "pkg/base/result.h"

namespace sluice {

/// What became of one promise.
enum class Verdict {
  kept,
  not_kept,
  refused,  ///< The driver does not do it and says so: a pod that asks for it does not start.
  untried,  ///< Something that the promise depends on was missing.
};

/// "kept", "not kept", "refused by the driver", "could not be tried".
std::string_view to_string(Verdict verdict);

/// A verdict and what it rests on: values read back, or errno and extended ACK.
struct Finding {
  Verdict verdict = Verdict::kept;
  std::string answer;

  friend bool operator==(const Finding&, const Finding&) = default;
};

/// A step of the trial when it is done.
struct StepResult {
  std::string step;
  std::string promise;
  Finding finding;

  friend bool operator==(const StepResult&, const StepResult&) = default;
};

/// On what the trial was made. Empty text and zero are unknown.
struct TrialFacts {
  std::string sluice;
  std::string kernel;
  std::string vf;
  int number = 0;
  std::string vf_driver;
  std::string port;
  std::string port_link;
  std::string driver;
  std::string firmware;
  std::string eswitch_mode;
  BitRate line_rate;
  bool carrier = false;
  std::string row;  ///< Of the capability table; empty: the driver is not in it.
  std::string floor_enforcement;
  std::string ceiling_enforcement;
  std::string rdma_device;
  std::string rdma_mode;
};

/// Whether no promise was broken.
bool all_kept(const std::vector<StepResult>& steps);

/// The report for people, part by part so that it can be shown while the trial goes on. A step is
/// two lines: verdict and promise, and the answer below.
std::string facts_text(const TrialFacts& facts);
std::string step_text(const StepResult& step);
std::string summary_text(const std::vector<StepResult>& steps);

/// All of it for programs, rates in bit/s, unknown null. `all_kept` sums it up.
std::string report_json(const TrialFacts& facts, const std::vector<StepResult>& steps);

/// One step as one line, and back: how the trial tells the process that watches it. data_loss when
/// it is no such line.
std::string encode(const StepResult& step);
Result<StepResult> decode_step(std::string_view line);

}  // namespace sluice
