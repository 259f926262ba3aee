#pragma once

#include <string>

#include "pkg/base/result.h"
#include "pkg/daemon/log.h"
#include "pkg/daemon/repeats.h"
#include "pkg/http/server.h"

namespace sluice {

/// Names of PEM files; empty names for what there is none of.
struct TlsFiles {
  std::string certificate;  ///< With its chain.
  std::string key;
  std::string client_authorities;
};

/// not_found for a file that is missing, invalid_argument for one that is empty: a server whose
/// authorities are an empty file must not answer every client.
Result<HttpServerTls> read_tls(const TlsFiles& files);

/// Has a server show the certificate that its files hold by now, as a mounted Secret's do when it
/// is renewed. Files of a mounted Secret are links which stay the same, so their text is compared.
/// Not thread-safe.
class TlsRenewal final {
 public:
  /// `server` must outlive this object.
  TlsRenewal(HttpServer& server, TlsFiles files, Log log)
      : server_(server), files_(std::move(files)), log_(std::move(log)) {}

  /// To be called now and then. Files that are not good change nothing, and are logged as Repeats
  /// has it.
  void refresh();

 private:
  Result<bool> renew();

  HttpServer& server_;
  const TlsFiles files_;
  const Log log_;
  Repeats failures_;
};

}  // namespace sluice
