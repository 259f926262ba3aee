#pragma once

#include <functional>
#include <string>
#include <thread>

#include <nlohmann/json_fwd.hpp>

#include "agent/announcer.h"
#include "agent/pods/host_pods.h"
#include "pkg/daemon/repeats.h"
#include "pkg/kube/api_client.h"

namespace sluice {

/// Shows HostPods the pods of the node that are on the host's network, as the API server has them:
/// on a thread of its own. Needs the verbs list and watch on pods.
class HostPodWatch {
 public:
  /// The references must outlive this object.
  struct Parts {
    ApiClient& api;
    std::string node;
    std::string domain;  ///< As in read_pod_facts().
    HostPods& pods;
    std::function<void()> shown;  ///< Something may be another now.
  };

  HostPodWatch(Parts parts, Announcer announcer);
  HostPodWatch(const HostPodWatch&) = delete;
  HostPodWatch& operator=(const HostPodWatch&) = delete;
  ~HostPodWatch() = default;

 private:
  void show(const nlohmann::json& object, bool is_there);
  void failed(const Error& error);

  const Parts parts_;
  Announcer announcer_;
  Repeats failures_;     // Of the thread.
  std::jthread thread_;  // The last member: it uses those above.
};

}  // namespace sluice
