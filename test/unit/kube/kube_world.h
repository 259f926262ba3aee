#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "pkg/kube/api_client.h"
#include "test/fake/fake_api_server.h"
#include "test/support/result_matchers.h"

namespace sluice {

/// Remembers how long it was asked to wait, and does not.
class PauseLog {
 public:
  Pause pause() {
    return [this](std::chrono::milliseconds wait, const std::stop_token& /*stop*/) {
      const std::lock_guard lock(mutex_);
      waits_.push_back(wait);
    };
  }

  std::vector<std::chrono::milliseconds> waits() const {
    const std::lock_guard lock(mutex_);
    return waits_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::chrono::milliseconds> waits_;
};

/// A server, and a client of it that never really waits.
class KubeWorld : public testing::Test {
 protected:
  ApiOptions options() {
    return {.user_agent = "sluice/test", .stop = stop.get_token(), .pause = pauses.pause()};
  }

  std::unique_ptr<ApiClient> connect() {
    return std::make_unique<ApiClient>(ClusterAccess{.server = server.url()}, options());
  }

  PauseLog pauses;
  std::stop_source stop;
  FakeApiServer server;
};

}  // namespace sluice
