#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "agent/announcer.h"
#include "agent/classes/allocated_vfs.h"
#include "agent/classes/live_offers.h"
#include "agent/node_state.h"
#include "pkg/daemon/repeats.h"
#include "pkg/metrics/metrics.h"
#include "plugin/device_plugin.h"

namespace sluice {

/// Brings what is offered and what the kubelet sees in line with the configuration, the hardware,
/// the ledger and Kubernetes. One thread at a time.
class OfferReconciler {
 public:
  /// All must outlive this object.
  struct Parts {
    LiveOffers& offers;
    AllocatedVfs& allocated_vfs;
    plugin::DevicePlugin& plugin;
    Metrics& metrics;
  };

  OfferReconciler(const Parts& parts, Announcer announcer)
      : parts_(parts), announcer_(std::move(announcer)) {}

  Result<> reconcile(const NodeState& node);

 private:
  Result<> publish(const NodeState& node, const std::vector<Offer>& offers);
  void give_back(const std::set<std::string>& with_lanes);
  void tell_stale(const NodeState& node, const std::vector<Offer>& offers);
  void tell(const OfferChange& change);
  void tell(const Move& move);

  Parts parts_;
  Announcer announcer_;
  Repeats failures_;
  std::uint64_t generation_ = 0;
  std::map<std::string, int> healthy_;        // As last published.
  std::set<DeviceKey> released_;              // By the kubelet, and not given back yet.
  std::map<std::string, int> short_;          // Classes below their minimum -> offered.
  std::map<std::string, std::string> stale_;  // stale_offers() as last told.
};

}  // namespace sluice
