#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "pkg/daemon/worker.h"
#include "pkg/http/routes.h"

namespace sluice {

class Metrics;

/// What kubelet's probes ask. Ready: every condition holds; each that does not has a reason. Alive:
/// no worker has been at one step for too long. Thread-safe.
class Probes final {
 public:
  /// Conditions by name; none holds yet.
  explicit Probes(const std::vector<std::string>& conditions);

  void set_ready(const std::string& condition);
  void set_not_ready(const std::string& condition, const std::string& reason);

  bool is_ready() const;

  /// /livez fails while a step of `worker` takes longer than `limit`. The worker must outlive this
  /// object, or the server of its routes.
  void watch(const Worker& worker, std::chrono::seconds limit);

  /// GET /livez and /readyz: 200 "ok", or 503 with one line for each thing that is wrong.
  std::vector<HttpRoute> routes() const;

 private:
  struct Watched {
    const Worker* worker;
    std::chrono::seconds limit;
  };

  std::string unready() const;
  std::string stuck() const;

  mutable std::mutex mutex_;                                   // Guards those below.
  std::map<std::string, std::optional<std::string>> reasons_;  // Condition -> what is wrong.
  std::vector<Watched> watched_;
};

/// GET /metrics.
HttpRoute metrics_route(const Metrics& metrics);

}  // namespace sluice
