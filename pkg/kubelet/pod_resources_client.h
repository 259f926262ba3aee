#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/base/result.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace sluice {

/// A device of a device plugin and the container that holds it, as the kubelet lists it.
struct PodDevice {
  std::string pod;  ///< "namespace/name"; names are used again, and there is no UID.
  std::string container;
  std::string resource;  ///< "sluice.dev/gold"
  std::string id;

  friend bool operator==(const PodDevice&, const PodDevice&) = default;
};

/// A device as the kubelet's device manager has it, whether a pod holds it or not.
struct KnownDevice {
  std::string resource;
  std::string id;

  friend bool operator==(const KnownDevice&, const KnownDevice&) = default;
};

/// A claim of a container, as the kubelet lists it once it is prepared.
struct PodClaim {
  std::string pod;    ///< "namespace/name"
  std::string claim;  ///< "namespace/name"
  /// Of all drivers of the claim; those of one device may be repeated with the next.
  std::vector<std::string> cdi_devices;

  friend bool operator==(const PodClaim&, const PodClaim&) = default;
};

/// What the kubelet says about devices, on its pod-resources socket: over one connection, which is
/// kept from call to call, for making one costs both sides more than the call, and its end gives
/// the kernel work that a namespace move waits for. Any number of threads.
///
/// Of each call `limit` is the longest it takes. Errors: exhausted when the kubelet has been asked
/// too often (100 calls a second, by all clients together), busy when it does not run, timed_out.
class PodResourcesClient {
 public:
  /// `socket` is /var/lib/kubelet/pod-resources/kubelet.sock on a node.
  explicit PodResourcesClient(std::string socket) : socket_(std::move(socket)) {}

  /// All that pods on this node hold now, of every plugin, in the kubelet's order. Pods appear when
  /// they are admitted and go when their containers have ended; init containers do not appear.
  Result<std::vector<PodDevice>> devices(std::chrono::milliseconds limit);

  /// The same of one pod, "namespace/name". busy, too, when it is not listed, and when two are: one
  /// of the same name that has been deleted is still going, and nothing tells whose is what.
  Result<std::vector<PodDevice>> devices_of(const std::string& pod,
                                            std::chrono::milliseconds limit);

  /// The claims that containers of pods on this node have, of every driver.
  Result<std::vector<PodClaim>> claims(std::chrono::milliseconds limit);

  /// What pods could be given (GetAllocatableResources): the healthy devices of every plugin.
  Result<std::vector<KnownDevice>> known_devices(std::chrono::milliseconds limit);

 private:
  /// Calls `method` of the kubelet's stub. Where a kept connection turns out to have ended,
  /// as it does with the kubelet that was at its other end, once more on a new one.
  template <typename Response, typename Method, typename Request>
  Result<Response> ask(Method method, const Request& request, std::chrono::milliseconds limit,
                       std::string_view attempt);

  std::shared_ptr<grpc::Channel> kept() const;
  void keep(std::shared_ptr<grpc::Channel> channel);

  const std::string socket_;
  mutable std::mutex mutex_;  // Guards channel_.
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace sluice
