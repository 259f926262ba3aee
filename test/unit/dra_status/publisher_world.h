#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "dra/status/status_publisher.h"
#include "test/unit/dra_claim/claim_object.h"
#include "test/unit/dra_status/lane_world.h"
#include "test/unit/kube/kube_world.h"

namespace sluice::dra {

/// An API server with a claim of two lanes, and what a publisher said of its status.
class StatusWorld : public KubeWorld {
 protected:
  using Json = nlohmann::json;
  using Request = FakeApiServer::Request;

  static constexpr const char* kPath = "/apis/resource.k8s.io/v1/namespaces/ml/resourceclaims/";

  StatusWorld() { ref = put_claim("train"); }

  static std::string path(const std::string& name) { return kPath + name; }

  ClaimRef put_claim(const std::string& name) {
    ClaimObject claim;
    claim.share("vf0");
    claim.share("vf1");
    server.put(path(name), claim.json());
    return {.uid = server.object(path(name))["metadata"]["uid"], .ns = "ml", .name = name};
  }

  /// As the scheduler's controller does it; the server drops what drivers wrote.
  void deallocate(const std::string& name) {
    Json claim = server.object(path(name));
    claim["status"] = Json::object();
    server.put(path(name), claim);
  }

  void allocate_again(const std::string& name) {
    ClaimObject claim;
    claim.share("vf0");
    claim.share("vf1");
    server.put(path(name), claim.json());
  }

  std::unique_ptr<StatusPublisher> start() {
    return std::make_unique<StatusPublisher>(
        *client, kDriver,
        StatusListener{
            .written = [this](const ClaimStatus& status) { note(written, status.ref.name); },
            .failed = [this](const ClaimRef& /*claim*/,
                             const Error& error) { note(failed, error.message()); },
            .refused = [this](const ClaimRef& /*claim*/,
                              const Error& error) { note(refused, error.message()); }});
  }

  void settle(StatusPublisher& publisher, const std::vector<ClaimStatus>& claims) {
    publisher.publish(claims, now);
    settle(publisher);
  }

  static void settle(const StatusPublisher& publisher) {
    wait_until([&] { return publisher.is_idle(); });
  }

  template <typename Holds>
  static void wait_until(const Holds& holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!holds() && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    ASSERT_TRUE(holds());
  }

  ClaimStatus with_lanes(const ClaimRef& claim) const {
    return {.ref = claim, .devices = {attached("vf0"), attached("vf1")}};
  }

  ClaimStatus without_lanes(const ClaimRef& claim) const {
    return {.ref = claim, .devices = {prepared("vf0"), prepared("vf1")}};
  }

  Json devices(const std::string& name = "train") const {
    return server.object(path(name))["status"].value("devices", Json::array());
  }

  std::size_t count(const std::string& method) const {
    const std::vector<Request> all = server.requests();
    return static_cast<std::size_t>(std::ranges::count(all, method, &Request::method));
  }

  std::vector<std::string> said(const std::vector<std::string>& of) const {
    const std::lock_guard lock(mutex);
    return of;
  }

  void note(std::vector<std::string>& all, const std::string& text) {
    const std::lock_guard lock(mutex);
    all.push_back(text);
  }

  static bool is_write(const Request& request) { return request.method == "PATCH"; }

  const std::unique_ptr<ApiClient> client = connect();
  const StatusPublisher::Clock::time_point now = StatusPublisher::Clock::now();
  ClaimRef ref;
  mutable std::mutex mutex;  // Guards those below.
  std::vector<std::string> written;
  std::vector<std::string> failed;
  std::vector<std::string> refused;
};

}  // namespace sluice::dra
