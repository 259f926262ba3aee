#pragma once

#include <atomic>
#include <memory>
#include <stop_token>
#include <string>

#include "agent/kubernetes.h"
#include "pkg/config/config.h"
#include "pkg/daemon/log.h"
#include "pkg/daemon/repeats.h"
#include "pkg/fs/event_fd.h"
#include "pkg/kube/api_client.h"
#include "pkg/kube/event_recorder.h"
#include "pkg/kube/node_watch.h"
#include "pkg/kubelet/pod_resources_client.h"
#include "pkg/metrics/metrics.h"

namespace sluice {

/// How to reach Kubernetes and its kubelet.
struct ClusterOptions {
  std::string node;        ///< Name of the Node object.
  std::string kubeconfig;  ///< Empty: the pod's service account, where there is one.
  std::string pod_resources_socket;
  std::stop_token stop;
};

/// Kubernetes by its API server, and by its kubelet where that knows better.
class Cluster final : public Kubernetes {
 public:
  /// NoKubernetes where no access was asked for and the process is in no pod. `wake` is notified
  /// when the Node changed; it and `metrics` must outlive this object.
  static Result<std::unique_ptr<Kubernetes>> connect(const ClusterOptions& options,
                                                     const EventFd& wake, const Log& log,
                                                     Metrics& metrics);

  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;
  ~Cluster() override = default;

  bool is_there() const override { return true; }
  ApiClient* api() override { return &client_; }
  std::optional<NodeIdentity> identity() const override;
  std::optional<KubernetesView> view(const Config& config) override;
  void warn_node(const EventText& event) override;
  void tell_pod(const Owner& owner, Event::Type type, const EventText& event) override;

 private:
  Cluster(ClusterAccess access, const ClusterOptions& options, const EventFd& wake, Log log,
          Metrics& metrics);

  PodResourcesClient kubelet_;
  Log log_;
  Metrics& metrics_;
  Repeats failures_;  // Of the thread that calls view().
  ApiClient client_;
  Repeats watch_failures_;  // Of the watch's thread.
  std::atomic<bool> is_node_readable_ = false;
  NodeWatch node_;
  EventRecorder events_;
};

/// What is published of the classes: the parts of `allocatable` below the domain; what cannot be
/// read as a number counts as more than there can be.
std::map<std::string, int> published_classes(const std::map<std::string, std::string>& allocatable,
                                             const Config& config);

}  // namespace sluice
