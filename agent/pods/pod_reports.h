#pragma once

#include <string>

#include "agent/announcer.h"
#include "agent/grants/port_share.h"
#include "agent/pods/pod_wish.h"
#include "pkg/base/error.h"
#include "pkg/daemon/probes.h"
#include "pkg/ledger/grant_store.h"
#include "pkg/metrics/metrics.h"

namespace sluice {

/// Says what becomes of annotated pods: log, events, metrics and readiness. Any number of threads.
class PodReports {
 public:
  /// A condition of readiness: that the API server can be asked where pods have a share.
  static constexpr const char* kReady = "pods";

  /// Both references must outlive this object.
  PodReports(Announcer announcer, Metrics& metrics, Probes& probes);

  const Announcer& announcer() const { return announcer_; }

  /// What is not there to serve pods; empty: nothing.
  void need(const std::string& lacks);

  /// What is granted now, of the ports that have a share for pods.
  void show(const std::vector<std::string>& ports, const std::vector<Grant>& grants);

  void granted(const PodWish& wish, const Grant& grant);

  /// The scheduler's placement is not followed, because it cannot be read.
  void unreadable(const PodWish& wish, const Error& error);

  /// The pod is refused what its annotation says, which a person must change: event and metric.
  void refused(const PodWish& pod, const Error& error);

  /// The pod does not get its lanes now. There is no room, or none that can be told; else it is
  /// refused.
  void failed(const PodWish& pod, const Error& error);

  /// A pod on the host's network has its lanes in force.
  void in_force(const Grant& grant);

  /// It has ended, and they are at baseline.
  void taken_back(const std::string& pod_uid);

 private:
  void tell(const PodWish& pod, const std::string& reason, const Error& error);

  Announcer announcer_;
  Metrics& metrics_;
  Probes& probes_;
};

}  // namespace sluice
