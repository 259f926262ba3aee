#pragma once

#include <memory>
#include <optional>
#include <string>

#include "pkg/base/backoff.h"
#include "pkg/kubelet/registration_service.h"
#include "pkg/rpc/unix_server.h"
#include "plugin/registration.h"
#include "plugin/resource.h"

namespace sluice::plugin {

/// Where the kubelet looks for plugins. On a node: /var/lib/kubelet/device-plugins and
/// /var/lib/kubelet/plugins_registry; another where the kubelet has another root directory.
struct KubeletDirectories {
  std::string device_plugins;
  std::string registry;
};

/// One resource, and how far its registration is. Each registration has a socket of its own. One
/// thread at a time.
class Endpoint {
 public:
  struct Retries {
    /// Until Register is called again, after a failure or while nothing comes of it.
    Backoff::Limits legacy;
    /// Until the next socket. The kubelet looks into plugins_registry once a second and
    /// repeats what failed by itself.
    Backoff::Limits registry;
  };

  Endpoint(std::shared_ptr<Resource> resource, KubeletDirectories directories, Mode mode,
           const Hooks& hooks, const Retries& retries);
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  /// Ends the streams and removes the socket.
  ~Endpoint();

  /// Does what is due, and says when something will be due again.
  Moment advance(const std::optional<FileIdentity>& kubelet, Moment now);

  const Resource& resource() const { return *resource_; }

  /// Until then a stream that ends is answered with a registration at once.
  void expect_loss(Moment until) { prompt_until_ = until; }

  /// As DevicePlugin::hand_over(); nothing is registered again after it.
  void hand_over();

 private:
  void look(const std::optional<FileIdentity>& kubelet, Moment now);
  void look_at_streams(Moment now);
  void start(const std::optional<FileIdentity>& kubelet, Moment now);
  Result<> serve();
  /// What the kubelet made of the socket in plugins_registry; empty: it took it.
  void told(const std::string& refusal) const;
  Result<> call_register() const;
  void stop();

  std::shared_ptr<Resource> resource_;
  KubeletDirectories directories_;
  Mode mode_;
  const Hooks& hooks_;
  Backoff backoff_;
  std::optional<RegistrationService> registration_;
  std::unique_ptr<UnixServer> server_;  // Uses both above.
  RegistrationState state_;
  Moment prompt_until_;
};

}  // namespace sluice::plugin
