#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "agent/kubernetes.h"
#include "agent/node_state.h"
#include "agent/published/node_lanes_publisher.h"
#include "pkg/daemon/log.h"
#include "pkg/daemon/repeats.h"
#include "pkg/fs/event_fd.h"
#include "pkg/ledger/set_aside.h"
#include "pkg/metrics/metrics.h"

namespace sluice {

/// Shows Kubernetes what lanes the node can give, as its NodeLanes object, and says in the log and
/// in metrics what came of it. Nothing of it is needed to give lanes to pods. Does nothing without
/// access to the API server, and where that does not know the kind.
class PublishedLanes final {
 public:
  /// All must outlive this object.
  struct Parts {
    Kubernetes& kubernetes;
    Log log;
    Metrics& metrics;
    const EventFd& wake;  ///< Notified when the wishes are others.
  };

  explicit PublishedLanes(Parts parts) : parts_(std::move(parts)) {}

  /// The node as it is now. Returns at once. One thread.
  void show(const NodeState& node, const SetAside& aside);

  /// The scheduler's wishes, as last seen: so many offers of a class, by its name. From any thread.
  std::map<std::string, int> wishes() const;

 private:
  NodeLanesListener listener();
  void tell(const std::string& what, const Error& error);
  void take(const std::vector<ClassWish>& wishes);

  Parts parts_;
  mutable std::mutex mutex_;  // Guards those below: the publisher has two threads.
  Repeats failures_;
  std::map<std::string, int> wishes_;
  std::unique_ptr<NodeLanesPublisher> publisher_;  // The last member: it uses those above.
};

}  // namespace sluice
