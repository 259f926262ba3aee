#include "agent/published/inventory_server.h"

#include <utility>

#include "agent/published/inventory_routes.h"
#include "pkg/fs/text_file.h"

namespace sluice {
namespace {

Result<> check_token(const std::string& file) {
  const std::string token = TRY(read_text_file(file).context("read the token of the inventory"));
  if (!token.empty()) return {};
  return Error(Code::invalid_argument,
               fmt::format("the token of the inventory in '{}' is empty", file));
}

}  // namespace

Result<std::unique_ptr<InventoryServer>> InventoryServer::start(
    const InventoryOptions& options, const std::vector<HttpRoute>& routes, Log log) {
  const bool wants_token = !options.token_file.empty();
  if (wants_token) TRY(check_token(options.token_file));
  const TlsFiles files{.certificate = options.tls_certificate, .key = options.tls_key};
  HttpServerOptions server{.address = options.address, .port = options.port};
  server.tls = TRY(read_tls(files).context("serve the inventory"));
  std::unique_ptr<HttpServer> http =
      TRY(HttpServer::start(std::move(server),
                            wants_token ? with_token(routes, options.token_file) : routes)
              .context("serve the inventory"));
  std::unique_ptr<InventoryServer> inventory(new InventoryServer(std::move(http)));
  if (options.has_tls()) inventory->renewal_.emplace(*inventory->http_, files, std::move(log));
  return inventory;
}

void InventoryServer::refresh() {
  if (renewal_) renewal_->refresh();
}

}  // namespace sluice
