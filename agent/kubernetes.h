#pragma once

#include <optional>
#include <string>

#include "pkg/config/config.h"
#include "pkg/kube/api_client.h"
#include "pkg/kube/event_recorder.h"
#include "pkg/ledger/record.h"
#include "pkg/offers/moves.h"

namespace sluice {

/// What an event says beside its object.
struct EventText {
  std::string reason;  ///< "LaneRepaired"
  std::string action;  ///< "Repair"
  std::string note;
};

/// This node's Node object.
struct NodeIdentity {
  std::string name;
  std::string uid;

  friend bool operator==(const NodeIdentity&, const NodeIdentity&) = default;
};

/// What the agent needs of Kubernetes: what is published of its own Node, and a place for events.
/// Any number of threads, but for view().
class Kubernetes {
 public:
  virtual ~Kubernetes() = default;

  /// False without access to the API server: then offers are made and never moved, for nothing says
  /// when a withdrawal has been noticed.
  virtual bool is_there() const = 0;

  /// The API server, for what a front end has to say there itself; null where is_there() is false.
  virtual ApiClient* api() = 0;

  /// nullopt while it is not known.
  virtual std::optional<NodeIdentity> identity() const = 0;

  /// What Kubernetes believes now; nullopt while that is not known. One thread at a time.
  virtual std::optional<KubernetesView> view(const Config& config) = 0;

  /// A warning on the Node object.
  virtual void warn_node(const EventText& event) = 0;

  /// An event on the pod that the lane is in; none where the ledger does not know that pod.
  virtual void tell_pod(const Owner& owner, Event::Type type, const EventText& event) = 0;
};

/// No access: knows nothing and tells no one.
class NoKubernetes : public Kubernetes {
 public:
  bool is_there() const override { return false; }
  ApiClient* api() override { return nullptr; }
  std::optional<NodeIdentity> identity() const override { return std::nullopt; }
  std::optional<KubernetesView> view(const Config& /*config*/) override { return std::nullopt; }
  void warn_node(const EventText& /*event*/) override {}
  void tell_pod(const Owner& /*owner*/, Event::Type /*type*/, const EventText& /*event*/) override {
  }
};

}  // namespace sluice
