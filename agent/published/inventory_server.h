#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "agent/published/inventory_options.h"
#include "pkg/daemon/log.h"
#include "pkg/daemon/tls_renewal.h"
#include "pkg/http/server.h"

namespace sluice {

/// Serves the inventory at an address of its own. One thread.
class InventoryServer final {
 public:
  /// Serves from now on, when this succeeds. Fails as HttpServer does, and where a file cannot be
  /// read or is empty; `options` are good by check().
  static Result<std::unique_ptr<InventoryServer>> start(const InventoryOptions& options,
                                                        const std::vector<HttpRoute>& routes,
                                                        Log log);

  /// Takes up a certificate that was renewed in its files. One that is not good changes nothing.
  void refresh();

  std::uint16_t port() const { return http_->port(); }

 private:
  explicit InventoryServer(std::unique_ptr<HttpServer> http) : http_(std::move(http)) {}

  const std::unique_ptr<HttpServer> http_;
  std::optional<TlsRenewal> renewal_;  // With TLS.
};

}  // namespace sluice
