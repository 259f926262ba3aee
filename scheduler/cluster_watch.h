#pragma once

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "pkg/base/error.h"
#include "pkg/kube/api_client.h"
#include "scheduler/cluster_view.h"
#include "scheduler/waiting_pods.h"

namespace sluice {

/// Keeps a view, and the pods that wait for classes, up to date by watches of Nodes, NodeLanes and
/// Pods, a thread each, until it ends.
class ClusterWatch final {
 public:
  struct Options {
    std::string domain;  ///< Of the classes' resources.
    /// A collection ("nodes") has been listed, or could not be. Called by the watching threads.
    std::function<void(Listed what)> listed;
    std::function<void(Listed what, const Error& error)> failed;
  };

  /// All must outlive this object.
  ClusterWatch(ClusterView& view, WaitingPods& waiting, ApiClient& client, Options options);
  ClusterWatch(const ClusterWatch&) = delete;
  ClusterWatch& operator=(const ClusterWatch&) = delete;
  ~ClusterWatch() = default;

 private:
  void follow_nodes(const std::stop_token& stop);
  void follow_node_lanes(const std::stop_token& stop);
  void follow_pods(const std::stop_token& stop);

  struct Handlers {
    std::function<void(const nlohmann::json& object)> set;
    std::function<void(const nlohmann::json& object)> drop;
  };

  void follow_one(Listed what, const std::string& path, const Handlers& handlers,
                  const std::stop_token& stop);

  void set_pod(const nlohmann::json& pod);
  void drop_pod(const nlohmann::json& pod);
  void begin(Listed what);
  void end(Listed what);

  ClusterView& view_;
  WaitingPods& waiting_;
  ApiClient& client_;
  const Options options_;
  std::vector<std::jthread> threads_;  // The last member: they use those above.
};

/// The collection's resource: "nodes", "nodelanes", "pods".
std::string to_string(Listed what);

}  // namespace sluice
