#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "pkg/daemon/log.h"
#include "pkg/daemon/probes.h"
#include "pkg/daemon/repeats.h"
#include "pkg/daemon/tls_renewal.h"
#include "pkg/daemon/worker.h"
#include "pkg/http/server.h"
#include "pkg/kube/api_client.h"
#include "pkg/kube/lease.h"
#include "pkg/metrics/metrics.h"
#include "pkg/placement/score.h"
#include "scheduler/extender.h"
#include "scheduler/leader_service.h"
#include "scheduler/leadership.h"
#include "scheduler/options.h"
#include "scheduler/wish_book.h"

namespace sluice {

/// Times of a replica; others are for tests.
struct SchedulerTimes {
  std::function<std::chrono::nanoseconds()> now = boot_time;
  std::chrono::milliseconds renew{2000};  ///< client-go's RetryPeriod.
  std::chrono::milliseconds books{1000};
  std::chrono::milliseconds service{1000};
  std::chrono::milliseconds wishes{3000};
  std::chrono::milliseconds tls{10'000};  ///< Three small files are read.
  WishTimes wish;
};

/// One replica of `sluice-scheduler`: all its parts, put together. It answers until it ends.
class Scheduler final {
 public:
  /// The options are checked here: invalid_argument for one that makes no sense. `output` must
  /// outlive this object.
  static Result<std::unique_ptr<Scheduler>> start(const SchedulerOptions& options,
                                                  const ClusterAccess& access, LogOutput& output,
                                                  SchedulerTimes times = {});

  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  /// Answers what was asked, then lets another lead.
  ~Scheduler();

  std::uint16_t port() const { return http_->port(); }

  bool is_ready() const { return probes_.is_ready(); }

 private:
  struct Settings {
    std::string domain;
    Policy policy = Policy::best_suited;
    std::optional<LeaseOptions> lease;
    std::optional<ServiceEndpoint> service;  ///< But for its port.
    SchedulerTimes times;
  };

  Scheduler(Settings settings, const ClusterAccess& access, LogOutput& output);

  Result<> serve(const SchedulerOptions& options);
  std::unique_ptr<Term> make_term();
  void step_lease();
  void keep_books();
  void lead_service();
  void count();
  void tell_wishes();
  void report();
  void tell(const std::string& what, const Result<>& result);

  const Settings settings_;
  const Log log_;
  Metrics metrics_;
  Probes probes_;
  std::mutex mutex_;  // Guards the next.
  Repeats repeats_;
  std::stop_source stop_;  // Of the watches.
  ApiClient reads_;
  ApiClient binds_;   // Its calls are finished at the end.
  ApiClient leases_;  // The same.
  std::optional<Lease> lease_;
  Leadership leadership_;
  Extender extender_;
  std::optional<Worker> lease_worker_;
  std::optional<Worker> books_worker_;
  std::optional<Worker> wishes_worker_;
  std::unique_ptr<HttpServer> http_;
  std::unique_ptr<HttpServer> health_;  // May be null.
  std::optional<TlsRenewal> tls_renewal_;
  std::optional<Worker> tls_worker_;  // With TLS.
  std::optional<LeaderService> service_;
  std::optional<Worker> service_worker_;  // Where there is one.
};

}  // namespace sluice
