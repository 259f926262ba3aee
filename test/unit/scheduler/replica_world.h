#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <sstream>

#include <nlohmann/json.hpp>

#include "pkg/http/client.h"
#include "scheduler/scheduler.h"
#include "test/fake/fake_api_server.h"
#include "test/support/eventually.h"
#include "test/support/result_matchers.h"
#include "test/unit/scheduler/scheduler_world.h"

namespace sluice {

inline constexpr const char* kLease =
    "/apis/coordination.k8s.io/v1/namespaces/sluice-system/leases/sluice-scheduler";

/// One replica, and what kube-scheduler asks it.
class Replica {
 public:
  Replica(const FakeApiServer& server, const std::string& token, SchedulerOptions options = {}) {
    options.port = 0;
    auto started = Scheduler::start(options, {.server = server.url(), .token = token}, output_,
                                    {.now = [this] { return clock.load(); },
                                     .renew = std::chrono::milliseconds(20),
                                     .books = std::chrono::milliseconds(20),
                                     .wishes = std::chrono::milliseconds(20)});
    EXPECT_THAT(started, IsOk());
    scheduler_ = std::move(*started);
  }

  bool is_ready() const { return scheduler_->is_ready(); }

  HttpAnswer ask(const std::string& path, const std::string& body, const std::string& method) {
    auto answer =
        client_.send({.method = method,
                      .url = fmt::format("http://127.0.0.1:{}{}", scheduler_->port(), path),
                      .body = body,
                      .deadline = std::chrono::seconds(30)});
    EXPECT_THAT(answer, IsOk());
    return answer ? *answer : HttpAnswer();
  }

  nlohmann::json post(const std::string& verb, const nlohmann::json& body) {
    return nlohmann::json::parse(ask("/scheduler/" + verb, body.dump(), "POST").body, nullptr,
                                 false);
  }

  /// Names of the nodes where the pod can go.
  nlohmann::json filter(const nlohmann::json& pod, const std::vector<std::string>& nodes) {
    return post("filter", {{"Pod", pod}, {"Nodes", nullptr}, {"NodeNames", nodes}});
  }

  /// The error of binding it; empty: it is bound.
  std::string bind(const nlohmann::json& pod, const std::string& node) {
    const nlohmann::json& metadata = pod["metadata"];
    return post("bind", {{"PodName", metadata["name"]},
                         {"PodNamespace", metadata["namespace"]},
                         {"PodUID", metadata["uid"]},
                         {"Node", node}})["Error"];
  }

  void end() { scheduler_.reset(); }

  std::atomic<std::chrono::nanoseconds> clock =
      std::chrono::nanoseconds(std::chrono::seconds(1000));

 private:
  std::ostringstream log_;
  LogOutput output_{LogLevel::debug, LogFormat::text, log_};
  HttpClient client_{{}, "kube-scheduler"};
  std::unique_ptr<Scheduler> scheduler_;
};

/// A cluster in the API, whose Lease is free.
class Clusters : public testing::Test {
 protected:
  Clusters() {
    server.put(kLease, {{"spec", {{"holderIdentity", ""}}}});
    add_node("n", {pods_port(0, 100)});
  }

  void add_node(const std::string& name, std::vector<PublishedPort> ports) {
    server.put("/api/v1/nodes/" + name, {{"metadata", {{"name", name}}}});
    server.put(std::string(kNodeLanesPath) + "/" + name,
               object_of(lanes_of(name, std::move(ports))));
  }

  static std::string path(const std::string& pod) { return "/api/v1/namespaces/ns/pods/" + pod; }

  /// The pod as the API has it.
  nlohmann::json add_pod(const std::string& name, const std::vector<std::string>& floors) {
    server.put(path(name), pod_object(name, floors));
    return server.object(path(name));
  }

  std::string node_of(const std::string& pod) const {
    return server.object(path(pod)).value(nlohmann::json::json_pointer("/spec/nodeName"), "");
  }

  static bool is_binding(const FakeApiServer::Request& request) {
    return request.path.ends_with("/binding");
  }

  std::vector<FakeApiServer::Request> bindings() const {
    std::vector<FakeApiServer::Request> found = server.requests();
    std::erase_if(found, [](const auto& request) { return !is_binding(request); });
    return found;
  }

  bool become_ready(const Replica& replica) {
    return eventually([&] { return replica.is_ready(); });
  }

  /// Whether a pod of so many Gbit/s could go to the node, soon.
  bool soon_fits(Replica& replica, std::uint64_t gbps, const std::string& node = "n") {
    const nlohmann::json pod = pod_object("probe", {fmt::format("{}G", gbps)});
    return eventually(
        [&] { return replica.filter(pod, {node})["NodeNames"] == nlohmann::json({node}); });
  }

  bool soon_does_not_fit(Replica& replica, std::uint64_t gbps, const std::string& node = "n") {
    const nlohmann::json pod = pod_object("probe", {fmt::format("{}G", gbps)});
    return eventually(
        [&] { return replica.filter(pod, {node})["NodeNames"] == nlohmann::json::array(); });
  }

  /// From now on the API server does not know the replica with this token any more.
  void cut_off(const std::string& token) {
    server.deny([token](const FakeApiServer::Request& request) -> std::optional<FakeApiRefusal> {
      if (request.authorization != "Bearer " + token) return std::nullopt;
      return FakeApiRefusal{403, "Forbidden", "as the test wants it"};
    });
  }

  FakeApiServer server;
};

}  // namespace sluice
