#pragma once

#include <mutex>
#include <string>
#include <utility>

#include "agent/announcer.h"
#include "agent/claims/claims_readiness.h"
#include "dra/slices/slice_publisher.h"
#include "pkg/daemon/repeats.h"
#include "pkg/metrics/metrics.h"

namespace sluice {

/// Says what becomes of the driver's registration and slices: log, event, metrics and readiness.
/// Any number of threads.
class ClaimReports {
 public:
  /// Both references must outlive this object.
  ClaimReports(Announcer announcer, Metrics& metrics, Probes& probes);

  /// As ClaimsReadiness::need().
  void need(const std::string& lacks) { readiness_.need(lacks); }

  /// What came of a registration; empty: accepted.
  void registered(const std::string& problem);

  /// What the publisher tells; this object must outlive it.
  dra::SliceListener listener();

 private:
  void published(const dra::PublishedSlices& done);
  void failed(const std::string& verb, const Error& error);
  void warn(const std::string& what, const std::string& why);
  bool is_news(const std::string& what, const std::string& why);

  Announcer announcer_;
  Metrics& metrics_;
  ClaimsReadiness readiness_;
  std::mutex mutex_;  // Guards failures_.
  Repeats failures_;  // Of slices.
};

}  // namespace sluice
