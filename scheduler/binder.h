#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "pkg/base/result.h"
#include "pkg/kube/api_client.h"
#include "scheduler/asked_pod.h"
#include "scheduler/cluster_view.h"
#include "scheduler/extender_api.h"

namespace sluice {

/// How long the API server may work on a binding (its `timeout` parameter,
/// apiserver/pkg/endpoints/filters/request_deadline.go).
inline constexpr std::chrono::seconds kBindTimeout{2};

/// How long a bind waits for the API server's answer. With a token that has to be read again it is
/// asked twice.
inline constexpr std::chrono::seconds kBindDeadline{3};

/// After so long no binding that was begun can happen any more.
inline constexpr std::chrono::seconds kBindEnd = 2 * kBindDeadline + kBindTimeout;

/// Options of the client that binds: `options`, with the times above.
ApiOptions binding_options(ApiOptions options);

/// Binds pods to nodes. The reservation and the binding are one write of the API: the Binding says
/// which lane goes on which port, and which pod it is for by its UID. Thread-safe.
class Binder final {
 public:
  /// Whether this process is surely the one that binds until so long from now.
  using MayBind = std::function<bool(std::chrono::nanoseconds time)>;

  struct Options {
    std::string domain;  ///< Of the classes' resources.
    MayBind may_bind;
    std::function<std::chrono::nanoseconds()> now;
  };

  /// `view`, `recent` and `client`, made with binding_options(), must outlive this object.
  Binder(ClusterView& view, const RecentPods& recent, ApiClient& client, Options options);

  /// Binds the pod. One without lanes is bound as it is. For others room is looked for again, for
  /// all may have changed since the filter, and counted before the API is told. A failure gives it
  /// back; where the outcome is unknown, settle() does.
  ///
  ///   not_found         the pod or the node is gone
  ///   already_exists    the pod is bound, or another pod has its name by now
  ///   invalid_argument  the pod's annotation makes no sense
  ///   busy              this is not the process that binds; a bind of the pod is under way
  ///   timed_out         unknown whether it is bound
  ///   exhausted …       as place() says
  Result<> bind(const ExtenderBindingArgs& args);

  /// Finds out what became of binds whose outcome is unknown, once they cannot happen any more; to
  /// be called every now and then. Ends at the first pod that the API does not answer for.
  Result<> settle();

 private:
  Result<std::shared_ptr<const AskedPod>> find_pod(const ExtenderBindingArgs& args);
  Result<PodFacts> read_pod(const std::string& name_space, const std::string& name);
  Result<> write(const ExtenderBindingArgs& args, const std::string& placement);
  Result<> settle(const ClusterView::Doubt& doubt);

  ClusterView& view_;
  const RecentPods& recent_;
  ApiClient& client_;
  const Options options_;
};

}  // namespace sluice
