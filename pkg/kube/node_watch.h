#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "pkg/base/error.h"
#include "pkg/kube/api_client.h"

namespace sluice {

/// What the agent wants to know of its Node object.
struct NodeView {
  std::string name;
  std::string uid;
  std::string version;                             ///< resourceVersion.
  std::map<std::string, std::string> allocatable;  ///< Resource name -> quantity, as published.
  std::map<std::string, std::string> annotations;
  std::map<std::string, std::string> labels;
  bool unschedulable = false;  ///< Cordoned.

  bool operator==(const NodeView&) const = default;
};

/// Watches one Node object and no other, on a thread of its own. latest() may be called from any
/// thread; it never goes back to an older state. Needs the verbs list and watch on nodes (a rule
/// with the Node's name in resourceNames is enough: the field selector names it).
class NodeWatch final {
 public:
  /// `changed` and `failed` are called by the watching thread, and must only wake or log. They may
  /// be empty. `client` must outlive this object.
  NodeWatch(ApiClient& client, const std::string& node, std::function<void()> changed,
            std::function<void(const Error&)> failed);

  /// Null before the first answer, and when there is no such Node.
  std::shared_ptr<const NodeView> latest() const;

 private:
  void publish(std::shared_ptr<const NodeView> view);

  const std::function<void()> changed_;
  const std::function<void(const Error&)> failed_;
  mutable std::mutex mutex_;  // Guards view_.
  std::shared_ptr<const NodeView> view_;
  std::jthread thread_;  // The last member: it uses those above.
};

}  // namespace sluice
