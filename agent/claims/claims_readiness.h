#pragma once

#include <mutex>
#include <string>

#include "pkg/daemon/probes.h"

namespace sluice {

/// Whether claims are served, as a condition of readiness: it holds while the kubelet has accepted
/// the driver and the API server has the slices. There is none before the first need() — a node
/// without ports for claims is ready without. Any number of threads.
class ClaimsReadiness {
 public:
  static constexpr const char* kReady = "claims";

  /// `probes` must outlive this object.
  explicit ClaimsReadiness(Probes& probes) : probes_(probes) {}

  /// Claims are configured, or granted. `lacks`: what is not there to serve them; empty: nothing.
  void need(const std::string& lacks);

  /// What came of the registration; empty: accepted.
  void registered(const std::string& problem);

  /// The server has the slices, or never will without a person. Trouble that passes is neither:
  /// what the slices said last is still right, and claims are prepared without them.
  void published();
  void refused(const std::string& problem);

 private:
  void show();  // With the lock held.

  Probes& probes_;
  std::mutex mutex_;  // Guards those below.
  bool is_needed_ = false;
  std::string lacks_;
  std::string registration_ = "the kubelet has not accepted the driver yet";
  std::string slices_ = "the ResourceSlices are not published yet";
};

}  // namespace sluice
