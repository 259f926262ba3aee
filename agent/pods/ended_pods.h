#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/announcer.h"
#include "agent/grants/turns.h"
#include "agent/pods/pod_book.h"
#include "pkg/daemon/repeats.h"
#include "pkg/kube/api_client.h"
#include "pkg/ledger/grant_store.h"
#include "pkg/ledger/ledger.h"
#include "pkg/ledger/records.h"

namespace sluice {

/// Takes grants back from annotated pods that have ended. A grant stays while a lane is recorded
/// for it, whatever the API server says; without one it goes when the server says that the pod is
/// gone, another one, finished, or being deleted. What cannot be asked keeps it, and so does a pod
/// whose sandbox is made again. One thread.
class EndedPods {
 public:
  using Clock = std::chrono::steady_clock;

  /// From one look to the next. The kubelet tells the API server that a pod has finished after the
  /// runtime has given its lanes back, so the server is asked again soon: after a period, two, four
  /// … and kLongest at most.
  static constexpr std::chrono::seconds kPeriod{1};

  /// Of pods that have not had a lane: their sandbox is being made.
  static constexpr std::chrono::seconds kLongest{30};

  /// The references must outlive this object.
  struct Parts {
    PodBook& book;
    const Ledger& ledger;
    Turns& turns;
    /// Whether the pod has ended, by the API server.
    std::function<Result<bool>(const Grant& grant)> has_ended;
    std::function<void()> released;  ///< The node has room again.
  };

  EndedPods(Parts parts, Announcer announcer)
      : parts_(std::move(parts)), announcer_(std::move(announcer)) {}

  /// Says itself what it took back, and what it could not ask.
  void look(Clock::time_point now);

 private:
  /// A grant without a lane.
  struct Waiting {
    Clock::time_point next;                 ///< When the server is asked.
    std::chrono::seconds pause = kLongest;  ///< From then to the next time.
  };

  void look_at(const Grant& grant, const std::vector<PortRecord>& records, Clock::time_point now);
  /// Whether the grant is gone.
  Result<bool> judge(const Grant& grant);
  void warn(const std::string& which, const Error& error, Clock::time_point now);

  Parts parts_;
  Announcer announcer_;
  Repeats failures_;
  std::map<std::string, Waiting> waiting_;  // By UID.
  std::set<std::string> had_lanes_;         // UIDs, at the last look.
};

/// Whether the grant's pod is gone, another one, finished or being deleted, by the API server.
Result<bool> has_ended(ApiClient& api, const Grant& grant, std::string_view domain);

}  // namespace sluice
