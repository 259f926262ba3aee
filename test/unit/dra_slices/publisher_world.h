#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "dra/slices/slice_publisher.h"
#include "test/fake/fake_slice_rules.h"
#include "test/unit/dra_slices/claim_world.h"
#include "test/unit/kube/kube_world.h"

namespace sluice::dra {

/// An API server that knows ResourceSlices, and what publishers said of it.
class PublisherWorld : public KubeWorld {
 protected:
  using Request = FakeApiServer::Request;

  PublisherWorld() { be_server({"v1", "v1beta1"}, {}); }

  void be_server(const std::set<std::string>& versions, FakeSliceGates gates) {
    server.serve("resource.k8s.io", versions);
    server.admit_with(slice_admission(gates));
  }

  std::unique_ptr<SlicePublisher> start() {
    return std::make_unique<SlicePublisher>(
        *client, SliceWatch::Selection{.driver = "sluice.dev", .node = "node-a"},
        SliceListener{
            .published = [this](const PublishedSlices& now) { note([&] { published = now; }); },
            .failed =
                [this](const std::string& verb, const Error& error) {
                  note([&] { failures.push_back(verb + ": " + error.message()); });
                },
            .dropped =
                [this](const std::vector<std::string>& fields) {
                  note([&] { dropped.push_back(fields); });
                },
            .omitted = [this](const Omissions& all) { note([&] { omissions.push_back(all); }); }});
  }

  /// Starts one that publishes the node, and waits until the server has it.
  std::unique_ptr<SlicePublisher> start(const ClaimNode& node) {
    auto publisher = start();
    publisher->publish(node);
    wait_published(*publisher);
    return publisher;
  }

  void wait_published(const SlicePublisher& publisher) {
    wait_until([&] { return publisher.is_published(); });
  }

  /// Until it holds; looks again when something was told, and now and then.
  template <typename Holds>
  void wait_until(const Holds& holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    std::unique_lock lock(mutex);
    while (!holds() && std::chrono::steady_clock::now() < end) {
      told.wait_for(lock, std::chrono::milliseconds(5));
    }
    ASSERT_TRUE(holds());
  }

  template <typename Change>
  void note(const Change& change) {
    {
      const std::lock_guard lock(mutex);
      change();
    }
    told.notify_all();
  }

  std::string path(const std::string& name = "00000-sluice.dev-node-a",
                   const std::string& version = "v1") const {
    return "/apis/resource.k8s.io/" + version + "/resourceslices/" + name;
  }

  std::vector<nlohmann::json> slices(const std::string& version = "v1") const {
    return server.list("/apis/resource.k8s.io/" + version + "/resourceslices");
  }

  /// "POST", "PUT", "DELETE", or "trial" for one that changes nothing.
  std::vector<std::string> writes() const {
    std::vector<std::string> writes;
    const std::vector<Request> all = server.requests();
    for (const Request& request : all) {
      if (request.method == "GET") continue;
      writes.push_back(request.query.count("dryRun") != 0 ? "trial" : request.method);
    }
    return writes;
  }

  const std::unique_ptr<ApiClient> client = connect();
  std::mutex mutex;  // Guards those below.
  std::condition_variable told;
  PublishedSlices published;
  std::vector<std::string> failures;
  std::vector<std::vector<std::string>> dropped;
  std::vector<Omissions> omissions;
};

}  // namespace sluice::dra
