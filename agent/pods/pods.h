#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/config/live_config.h"
#include "agent/front_end.h"
#include "agent/grants/pod_facts.h"
#include "agent/grants/turns.h"
#include "agent/kubernetes.h"
#include "agent/pod_lanes/in_place_lanes.h"
#include "agent/pods/ended_pods.h"
#include "agent/pods/host_pod_lanes.h"
#include "agent/pods/host_pod_watch.h"
#include "agent/pods/host_pods.h"
#include "agent/pods/pod_book.h"
#include "agent/pods/pod_grants.h"
#include "agent/pods/pod_reports.h"
#include "pkg/daemon/log.h"
#include "pkg/daemon/worker.h"
#include "pkg/fs/event_fd.h"
#include "pkg/kube/api_client.h"

namespace sluice {

/// The front end "pods": gives pods the lanes that they ask by annotation. Where the configuration
/// has a share for pods, the CNI plugin asks for every pod (EveryPodMark); the pod is read from the
/// API server then, and granted VFs of the pods' share. Without access to the API server no pod
/// starts there but those that were granted their lanes before. Pods on the host's network are
/// watched, and have their lanes in place.
class Pods final : public FrontEnd {
 public:
  /// All must outlive this object.
  struct Parts {
    const Dir& sysfs;
    const Ledger& ledger;
    const SetAsideStore& aside;
    const LiveConfig& config;
    Kubernetes& kubernetes;
    InPlaceLanes& in_place;
    std::string proc;     ///< "/proc", with the processes of the host.
    const EventFd& wake;  ///< Notified when a step is due.
    LogOutput& output;
    Metrics& metrics;
    Probes& probes;
  };

  explicit Pods(const Parts& parts);

  Pods(const Pods&) = delete;
  Pods& operator=(const Pods&) = delete;
  ~Pods() override = default;

  FrontEndName name() const override { return FrontEndName::pods; }

  std::optional<std::vector<std::string>> given_vfs(const Config& config) const override;

  bool asks_kubernetes() const override { return false; }

  Result<> reconcile(const NodeState& node) override;

  /// It has none.
  std::vector<Offer> offers() const override { return {}; }

  bool is_due() const override { return false; }

  void notice_lanes() override { cleaner_->wake(); }

  /// It serves nothing there.
  bool is_registered() const override { return true; }

  void hand_over() override;

  void expect_loss() override {}

  /// Makes the pod's grant, on disk before the answer. What goes wrong for good is an event on the
  /// pod, too.
  ///
  ///   invalid_argument  the annotation is wrong, naming the field
  ///   unsupported       no port of the node can have the lanes, or the pod is on the host's
  ///                     network, where no CNI plugin makes them
  ///   exhausted         no room now, with the binding limit
  ///   busy              the API server or a port cannot be asked now, or another instance acts
  Result<std::vector<PodLane>> lanes_of(const PodId& pod) override;

 private:
  Result<PodFacts> read(const PodId& pod);
  void watch_host_pods();

  Parts parts_;
  std::optional<ApiClient> api_;
  PodReports reports_;
  PodBook book_;
  Turns turns_;
  PodGrants grants_;
  EndedPods ended_;
  HostPodLanes host_lanes_;
  HostPods host_pods_;
  // Their threads use those above, and the watch the worker before it.
  std::unique_ptr<Worker> host_worker_;
  std::unique_ptr<HostPodWatch> host_watch_;
  std::unique_ptr<Worker> cleaner_;
};

}  // namespace sluice
