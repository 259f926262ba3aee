#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "dra/status/device_status.h"
#include "pkg/base/backoff.h"
#include "pkg/kube/api_client.h"

namespace sluice::dra {

/// Called by the publisher's thread; must only wake, log or count. Any may be empty.
struct StatusListener {
  std::function<void(const ClaimStatus& status)> written;
  /// Tried again after a back-off: the server is away, or in trouble.
  std::function<void(const ClaimRef& claim, const Error& error)> failed;
  /// Tried again after kRefusedPause, or with the next change: a right is missing, or the server
  /// takes such a status for invalid.
  std::function<void(const ClaimRef& claim, const Error& error)> refused;
};

/// Keeps `status.devices` of the node's claims as they should be, by server-side apply, on a thread
/// of its own. A claim is read before it is written, so that nothing is written where its status
/// says already what it should, as after a restart; claims are not watched. One that is gone,
/// deallocated or replaced by another of its name ends in silence.
class StatusPublisher final {
 public:
  using Clock = std::chrono::steady_clock;

  /// From a change to its writing: from Prepare to the last address of a pod, and from a pod's end
  /// to Unprepare, takes less, so that each is one write and often none.
  static constexpr std::chrono::seconds kGathering{1};

  /// From a refusal to the next try, for rights are given by people.
  static constexpr std::chrono::minutes kRefusedPause{5};

  /// `client` must outlive this object. `driver` is the field manager, too.
  StatusPublisher(ApiClient& client, std::string driver, StatusListener listener);
  StatusPublisher(const StatusPublisher&) = delete;
  StatusPublisher& operator=(const StatusPublisher&) = delete;
  ~StatusPublisher() = default;

  /// All claims that are prepared, as they are at `now`. A claim that was among them and is not any
  /// more loses its entries. Returns at once. From any thread.
  void publish(const std::vector<ClaimStatus>& claims, Clock::time_point now);

  /// The claim is prepared no more: its entries go, as far as it is still allocated. What is
  /// published of its UID from now on is compared with the server's again. Returns at once. From
  /// any thread.
  void remove(const ClaimRef& claim);

  /// Whether nothing waits to be looked at or written; a refusal does not wait.
  bool is_idle() const;

 private:
  using StatusPtr = std::shared_ptr<const ClaimStatus>;

  struct Wanted {
    StatusPtr status;
    bool is_due = true;
    std::optional<Clock::time_point> refused;
  };

  void wake();
  void run(const std::stop_token& stop);
  bool wait(const std::stop_token& stop);
  void step(const std::stop_token& stop);
  void take(const StatusPtr& status, const Result<bool>& done);
  std::vector<StatusPtr> due() const;
  Result<bool> bring_in_line(const ClaimStatus& wanted);
  Result<bool> apply(const ClaimStatus& wanted);
  void conclude(const StatusPtr& status, std::optional<Clock::time_point> refused);

  ApiClient& client_;
  const std::string driver_;
  const StatusListener listener_;
  SpreadBackoff backoff_;  // Of the thread.

  mutable std::mutex mutex_;  // Guards those below.
  std::condition_variable_any woken_;
  std::map<std::string, Wanted> wanted_;  // By UID.
  bool is_woken_ = false;
  std::jthread thread_;  // The last member: it uses those above.
};

}  // namespace sluice::dra
