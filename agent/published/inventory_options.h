#pragma once

#include <cstdint>
#include <string>

#include "pkg/base/result.h"

namespace sluice {

/// Where the inventory is served beside the agent's own port.
struct InventoryOptions {
  std::string address;          ///< Numeric; empty: nowhere.
  std::uint16_t port = 54005;   ///< The papers'. 0: the kernel chooses.
  std::string tls_certificate;  ///< Files, as those below.
  std::string tls_key;
  std::string token_file;

  /// A certificate and its key are given.
  bool has_tls() const { return !tls_certificate.empty(); }
};

/// invalid_argument, naming the options, for half of a key pair, for files without an address, and
/// for an address that other hosts reach without TLS and a token.
Result<> check(const InventoryOptions& options);

}  // namespace sluice
