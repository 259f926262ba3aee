#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pkg/ledger/offers.h"
#include "pkg/podlanes/server.h"
#include "test/fake/fake_pod_lanes.h"
#include "test/netns/cni_world.h"

namespace sluice::cni {

inline constexpr const char* kPrevious =
    R"({"cniVersion":"1.0.0","interfaces":[{"name":"veth1"},{"name":"eth0","sandbox":"/p"}],)"
    R"("ips":[{"interface":1,"address":"10.0.0.7/24","gateway":"10.0.0.1"}],)"
    R"("routes":[{"dst":"0.0.0.0/0"}],"dns":{},"x-vendor":[1,2]})";

inline const std::vector<std::string> kPod = {
    "CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web-0;"
    "K8S_POD_INFRA_CONTAINER_ID=c1;K8S_POD_UID=5f0c"};

/// A node that offers two VFs, with the agent's server in this process, and a pod whose network is
/// chained: the plugin comes after the cluster's own.
class CniPod : public CniWorld {
 protected:
  CniPod() {
    offer({0, 1});
    serve();
  }

  void offer(const std::vector<int>& vfs) {
    std::vector<Offer> offers;
    offers.reserve(vfs.size());
    for (const int each : vfs) {
      offers.push_back({.vf = vf(each), .port = kPort, .class_name = "gold", .rate = {}});
    }
    ASSERT_THAT(OfferStore(dir_ / "lib").save(offers), IsOk());
  }

  void serve() {
    auto started = PodLanesServer::start({.path = dir_ / "run/agent.sock"}, pods_);
    ASSERT_THAT(started, IsOk());
    agent_ = std::move(*started);
  }

  void give(const std::vector<int>& vfs) {
    std::vector<PodLane> lanes;
    lanes.reserve(vfs.size());
    for (const int each : vfs) {
      lanes.push_back({.vf = SysfsTree::vf(kPort, each), .class_name = "gold", .ifname = {}});
    }
    pods_.give("default/web-0", std::move(lanes));
  }

  PluginExit add(const std::string& more = {}) { return call("ADD", eth0_, conf(more), kPod); }

  static std::string conf(const std::string& more = {}) {
    return fmt::format(R"({{"cniVersion":"1.0.0","name":"k8s-pod-network","type":"sluice",)"
                       R"("logLevel":"panic","prevResult":{}{}}})",
                       kPrevious, more);
  }

  const Who eth0_{.container = "c1", .netns = path_of(*pod_), .ifname = "eth0"};
  FakePodLanes pods_;
  std::unique_ptr<PodLanesServer> agent_;
};

}  // namespace sluice::cni
