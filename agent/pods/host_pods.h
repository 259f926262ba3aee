#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "agent/config/live_config.h"
#include "agent/grants/pod_facts.h"
#include "agent/grants/turns.h"
#include "agent/pods/host_pod_lanes.h"
#include "agent/pods/pod_book.h"
#include "agent/pods/pod_grants.h"
#include "agent/pods/pod_reports.h"
#include "pkg/base/backoff.h"
#include "pkg/daemon/repeats.h"
#include "pkg/ledger/ledger.h"
#include "pkg/podlanes/pod_lanes.h"

namespace sluice {

/// A pod on the host's network, as the API server shows it.
struct HostPod {
  PodId id;  ///< As the runtime has it.
  PodFacts facts;

  friend bool operator==(const HostPod&, const HostPod&) = default;
};

/// Gives annotated pods on the host's network their lanes, for no CNI plugin is called for them: by
/// the same grants as other pods, in force where the VFs are. Each look compares the pods that the
/// API server shows with ledger and grants, so it does not matter what came between two of them.
/// Lanes go once the server shows the pod no more, or as ended, and no process of it is left;
/// EndedPods takes the grant back then. Pods are set from any thread, looks are one thread's.
class HostPods {
 public:
  using Clock = std::chrono::steady_clock;

  /// From one look to the next.
  static constexpr std::chrono::seconds kPeriod{1};

  /// From a failure to the next try: kPeriod, then twice as long each time, and this at most. A pod
  /// that the server shows otherwise is tried at once.
  static constexpr std::chrono::seconds kLongest{30};

  /// All must outlive this object.
  struct Parts {
    PodBook& book;
    PodGrants& grants;
    HostPodLanes& lanes;
    Turns& turns;
    PodReports& reports;
    const LiveConfig& config;
    const Ledger& ledger;
  };

  explicit HostPods(const Parts& parts) : parts_(parts) {}

  /// All that there are; until the first list nothing is known to have ended.
  void list(std::vector<HostPod> pods);
  void set(HostPod pod);
  void drop(const std::string& uid);

  /// Says itself what it did, and what it could not do. Ends early at the stop.
  void look(Clock::time_point now, const std::stop_token& stop = {});

 private:
  static constexpr Backoff::Limits kPauses{.first = kPeriod, .longest = kLongest};

  /// When something that failed is tried again.
  struct Pause {
    Backoff pauses{kPauses};
    Clock::time_point due{};
  };

  struct Known {
    HostPod pod;
    bool is_settled = false;  ///< It asks for nothing, or what it asks is refused.
    Pause pause = {};
  };

  void put(HostPod pod);
  std::vector<HostPod> due(const std::vector<Grant>& grants, const std::vector<PortRecord>& records,
                           Clock::time_point now);
  std::vector<std::string> left_behind(const std::vector<PortRecord>& records,
                                       Clock::time_point now);
  void give(const HostPod& pod, Clock::time_point now);
  bool try_to_give(const HostPod& pod);
  void attach(const Grant& grant);
  void take_back(const std::string& uid, Clock::time_point now);
  void warn(const std::string& which, const Error& error, Clock::time_point now);

  const Parts parts_;
  Repeats failures_;                      // Of looks.
  std::mutex mutex_;                      // Guards those below.
  std::map<std::string, Known> known_;    // Those that have not ended, by UID.
  std::map<std::string, Pause> leaving_;  // UIDs of others that have lanes.
  bool has_listed_ = false;
};

}  // namespace sluice
