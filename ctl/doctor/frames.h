#pragma once

#include <chrono>
#include <memory>

#include "ctl/doctor/trial.h"

namespace sluice {

/// Both ends between which frames of a trial go: the VF's link in the namespace and its port's at
/// home.
struct FramePath {
  std::unique_ptr<FrameSocket> vf;
  std::unique_ptr<FrameSocket> port;
  MacAddress vf_mac;
  MacAddress port_mac;
  bool vf_has_carrier = false;
  bool port_is_up = false;
};

/// For the trial's lane; waits for the VF's carrier. unsupported where there are no Ethernet
/// frames or the port forwards by rules (switchdev).
Result<FramePath> open_path(Trial& trial);

/// How many of a few frames from `source` to `frame.to` have arrived at `sink`, within `timeout`
/// when they do not come at once.
struct Passed {
  int sent = 0;
  int arrived = 0;
};
Result<Passed> pass_frames(FrameSocket& source, FrameSocket& sink, const Frame& frame,
                           std::chrono::milliseconds timeout);

/// What a sender that never rests got through.
struct Throughput {
  BitRate offered;  ///< What the link's queue took.
  BitRate arrived;
  bool held_up = false;  ///< The queue was full at times.
};

/// Sends full frames from the VF to its port for `time`, and counts after a quarter of it: a
/// limiter lets a burst through first.
Result<Throughput> measure(FramePath& path, std::chrono::milliseconds time);

/// Whether the ceiling held; pure.
Finding judge_throughput(const Throughput& measured, BitRate ceiling);

}  // namespace sluice
