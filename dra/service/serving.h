#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dra/service/claim_calls.h"
#include "dra/service/health_service.h"
#include "dra/service/plugin_service.h"
#include "pkg/kubelet/registration_service.h"
#include "pkg/rpc/unix_server.h"

namespace sluice::dra {

/// What the names of the driver's sockets begin with.
inline constexpr const char* kSocketName = "dra";

/// Where a driver and the kubelet meet.
struct MeetingPlace {
  std::string driver;     ///< "sluice.dev"
  std::string directory;  ///< Of the driver's sockets: /var/lib/kubelet/plugins/sluice.dev
  std::string registry;   ///< /var/lib/kubelet/plugins_registry
};

/// One registration of the driver: its two sockets, both with names that no other has, and what is
/// served on them. Thread-safe.
class Serving {
 public:
  using Told = std::function<void(const std::string& refusal)>;

  /// Serves when it returns. The kubelet calls as soon as it finds the socket in the registry, so
  /// that one comes last. `calls` must outlive this object; `told` is called in gRPC's threads with
  /// what the kubelet makes of the registration (empty: accepted). Error: a directory is missing,
  /// or a socket could not be made.
  static Result<std::unique_ptr<Serving>> start(const MeetingPlace& place, ClaimCalls& calls,
                                                const HealthBook& book, Told told);

  Serving(const Serving&) = delete;
  Serving& operator=(const Serving&) = delete;

  /// stop() without waiting.
  ~Serving();

  /// Ends the streams of health, takes no more calls, and waits `timeout` for those under way
  /// before it cancels them; the handler's own end is waited for even then. Withdraws the
  /// registration last. Both sockets are gone when it returns.
  void stop(std::chrono::milliseconds timeout);

  void publish(const HealthBook& book);

  /// Whether both sockets are still there.
  bool is_reachable() const;

  bool is_accepted() const { return is_accepted_; }

  /// Of the driver.
  const std::string& path() const { return server_->path(); }

 private:
  Serving(ClaimCalls& calls, const HealthBook& book);

  std::vector<grpc::Service*> services() const;

  std::unique_ptr<grpc::Service> v1_;
  std::unique_ptr<grpc::Service> v1beta1_;
  std::unique_ptr<HealthService> health_v1_;
  std::unique_ptr<HealthService> health_v1alpha1_;
  std::atomic<bool> is_accepted_ = false;
  std::unique_ptr<RegistrationService> introduction_;
  // Both use those above.
  std::unique_ptr<UnixServer> server_;
  std::unique_ptr<UnixServer> registration_;
};

}  // namespace sluice::dra
