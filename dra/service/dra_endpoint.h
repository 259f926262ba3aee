#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "dra/service/claim_handler.h"
#include "dra/service/health_book.h"
#include "pkg/base/backoff.h"
#include "pkg/daemon/log.h"
#include "pkg/fs/event_fd.h"

namespace sluice::dra {

class ClaimCalls;
class Serving;
struct MeetingPlace;

struct EndpointSettings {
  std::string driver = "sluice.dev";
  std::string kubelet_dir = "/var/lib/kubelet";  ///< The kubelet's --root-dir.
  /// At the end, for calls under way.
  std::chrono::milliseconds last_calls{20'000};
  /// The kubelet forgets the health of devices after 30 s.
  std::chrono::milliseconds health_period{10'000};
  /// Until the next socket while the kubelet does not accept; it repeats what failed by itself.
  Backoff::Limits retries = {std::chrono::milliseconds(15'000), std::chrono::milliseconds(60'000)};
};

/// The driver as the kubelet meets it: the services of claims and of health on a socket in
/// <kubelet_dir>/plugins/<driver>, and its registration in <kubelet_dir>/plugins_registry. Both
/// sockets have new names each time, so that another instance may stand beside this one, and mode
/// 0600. They are made again, within a second, when the kubelet or a person removed them, and
/// after a while when the kubelet does not accept them. Sockets of killed instances are removed. A
/// thread of its own does that; while there is no plugins_registry it waits for one.
class DraEndpoint {
 public:
  /// `told` is called from other threads with what comes of a registration: empty when the kubelet
  /// has accepted it, else why there is none, once for each change of that text. Handler and log
  /// output must outlive this object.
  static Result<std::unique_ptr<DraEndpoint>> start(
      EndpointSettings settings, ClaimHandler& handler, const Log& log,
      std::function<void(const std::string& problem)> told);

  DraEndpoint(const DraEndpoint&) = delete;
  DraEndpoint& operator=(const DraEndpoint&) = delete;

  /// Withdraws the registration, lets calls under way end within `last_calls`, and removes the
  /// sockets.
  ~DraEndpoint();

  /// What streams of health tell from now on. Thread-safe.
  void publish(HealthBook book);

  /// Another instance writes from now on. When this returns, the calls under way have ended; later
  /// ones are answered by the instance that serves the driver next. The sockets stay, so that the
  /// kubelet always has a driver, and nothing is registered any more.
  void hand_over();

 private:
  using Moment = std::chrono::steady_clock::time_point;

  DraEndpoint(EndpointSettings settings, ClaimHandler& handler, const Log& log,
              std::function<void(const std::string&)> told, EventFd wake);

  void end_thread();
  void run(const std::stop_token& stop);
  Moment advance(Moment now);
  void serve(Moment now);
  void tell(const std::string& problem);
  void send_health();

  EndpointSettings settings_;
  std::unique_ptr<MeetingPlace> place_;
  std::unique_ptr<ClaimCalls> calls_;
  std::function<void(const std::string&)> told_;
  EventFd wake_;
  Backoff backoff_;
  Moment next_try_;
  Moment next_health_;
  std::mutex mutex_;  // Guards those below.
  HealthBook book_;
  std::shared_ptr<Serving> serving_;
  std::optional<std::string> last_told_;
  std::jthread thread_;  // Last: it uses all of the above.
};

}  // namespace sluice::dra
