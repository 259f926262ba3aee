#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/http/server.h"

struct gnutls_certificate_credentials_st;
struct gnutls_session_int;

namespace sluice {

/// What a server shows its clients, and whom it believes, as GnuTLS has it. Thread-safe; the inside
/// of HttpServer.
class ServedTls final {
 public:
  using Credentials = std::shared_ptr<gnutls_certificate_credentials_st>;
  /// What a session has used, the present ones last. It must outlive the session: GnuTLS copies
  /// none of it.
  using Used = std::vector<Credentials>;

  /// False when `tls` is what is served already. invalid_argument, with GnuTLS's words, and nothing
  /// changes, for text that is no PEM, a key of another certificate, authorities without one.
  Result<bool> renew(HttpServerTls tls);

  /// The session goes by the present credentials: in its handshake, and in is_known().
  void apply_to(gnutls_session_int* session, Used& used) const;

 private:
  mutable std::mutex mutex_;  // Guards those below.
  HttpServerTls text_;
  Credentials credentials_;
};

/// Whether the client has shown a certificate that authorities of its session's credentials signed.
bool is_known(gnutls_session_int* session);

}  // namespace sluice
