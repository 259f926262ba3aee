#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "agent/classes/allocated_vfs.h"
#include "agent/classes/host_lanes.h"
#include "agent/classes/lane_guard.h"
#include "agent/classes/live_offers.h"
#include "agent/classes/offer_reconciler.h"
#include "agent/config/live_config.h"
#include "agent/front_end.h"
#include "pkg/daemon/log.h"
#include "pkg/fs/event_fd.h"
#include "pkg/ledger/set_aside.h"
#include "plugin/device_plugin.h"
#include "plugin/device_pod_lanes.h"

namespace sluice {

/// The front end "classes": VFs offered to the kubelet as one extended resource a class.
class Classes final : public FrontEnd {
 public:
  /// All but `plugin` and `pod_resources` must outlive this object.
  struct Parts {
    plugin::Settings plugin;
    std::string pod_resources;  ///< The kubelet's socket.
    std::string checkpoint;     ///< The kubelet's file of devices.
    const LiveConfig& config;
    const Ledger& ledger;
    const SetAsideStore& aside;
    InPlaceLanes& in_place;
    const Dir& sysfs;
    std::string proc;  ///< "/proc", with the processes of the host.
    Kubernetes& kubernetes;
    const EventFd& wake;  ///< Notified when a step is due.
    LogOutput& output;
    Metrics& metrics;
    std::stop_token stop;
  };

  /// Has loaded the saved offers when it returns, and offers nothing before the first reconcile().
  static Result<std::unique_ptr<Classes>> start(const Parts& parts);

  Classes(const Classes&) = delete;
  Classes& operator=(const Classes&) = delete;
  ~Classes() override = default;

  FrontEndName name() const override { return FrontEndName::classes; }

  std::optional<std::vector<std::string>> given_vfs(const Config& config) const override {
    return allocated_vfs_->vfs(config);
  }

  bool asks_kubernetes() const override { return offers_.is_waiting(); }

  Result<> reconcile(const NodeState& node) override {
    host_lanes_.release_gone(node);
    return reconciler_->reconcile(node);
  }

  std::vector<Offer> offers() const override { return offers_.offers(); }

  bool is_due() const override { return offers_.is_waiting(); }

  void notice_lanes() override { allocated_vfs_->notice(); }

  bool is_registered() const override { return plugin_->is_registered(); }
  void hand_over() override { plugin_->hand_over(); }
  void expect_loss() override { plugin_->expect_loss(); }

  Result<std::vector<PodLane>> lanes_of(const PodId& pod) override { return pods_.lanes_of(pod); }

  /// For resources of the domain that are no classes.
  plugin::DevicePlugin& plugin() { return *plugin_; }
  AllocatedVfs& allocated() { return *allocated_vfs_; }

 private:
  explicit Classes(const Parts& parts);

  Result<> start_plugin(const Parts& parts);

  LiveOffers offers_;
  HostLanes host_lanes_;
  LaneGuard guard_;
  plugin::DevicePodLanes pods_;
  std::unique_ptr<AllocatedVfs> allocated_vfs_;
  std::unique_ptr<plugin::DevicePlugin> plugin_;  // Its threads use those above.
  std::unique_ptr<OfferReconciler> reconciler_;
};

}  // namespace sluice
