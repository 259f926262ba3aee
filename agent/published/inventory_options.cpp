#include "agent/published/inventory_options.h"

#include "pkg/base/strings.h"
#include "pkg/http/listen.h"

namespace sluice {

Result<> check(const InventoryOptions& options) {
  const auto wrong = [](std::string why) { return Error(Code::invalid_argument, std::move(why)); };
  if (options.tls_certificate.empty() != options.tls_key.empty()) {
    return wrong("--inventory-tls-cert and --inventory-tls-key are given together");
  }
  if (options.address.empty()) {
    if (!options.has_tls() && options.token_file.empty()) return {};
    return wrong("--inventory-address says where the inventory is served; it is not given");
  }
  if (is_loopback(options.address) || (options.has_tls() && !options.token_file.empty())) return {};
  return wrong(fmt::format(
      "--inventory-address {} is reached from other hosts: give --inventory-tls-cert, "
      "--inventory-tls-key and --inventory-token-file as well, or an address like 127.0.0.1",
      in_quotes(options.address)));
}

}  // namespace sluice
