#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/http/routes.h"

namespace sluice {

/// PEM text, not file names. Without a certificate the server speaks plain HTTP.
struct HttpServerTls {
  std::string certificate;  ///< The server's own, with its chain.
  std::string key;
  std::string client_authorities;  ///< When set, a client without a certificate of theirs gets 401.

  friend bool operator==(const HttpServerTls&, const HttpServerTls&) = default;
};

struct HttpServerOptions {
  std::string address = "127.0.0.1";  ///< Numeric; "::" or "0.0.0.0" for all.
  std::uint16_t port = 0;             ///< 0: the kernel chooses.
  HttpServerTls tls;
  std::size_t body_limit = 1u << 20;  ///< A longer request gets 413.
  unsigned connections = 64;  ///< At once; half of them from one address. More wait or are refused.
  /// For a whole request to arrive, for its answer to be taken, and for an idle connection; at
  /// least a second. A stream, which lasts as long as it has something to say, may be silent that
  /// long. While a quarter of `connections` is waited for, one more ends the one waited for
  /// longest.
  std::chrono::seconds deadline{10};
};

/// A small HTTP server on libmicrohttpd, for a root daemon: connections, memory per connection,
/// bodies and waiting are bounded. A thread per connection, so a handler may block.
class HttpServer final {
 public:
  /// The errno of bind(2) when the address cannot be had, invalid_argument for an address or
  /// certificate that cannot be used.
  static Result<std::unique_ptr<HttpServer>> start(HttpServerOptions options,
                                                   std::vector<HttpRoute> routes);

  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Stops listening, tells streams to stop and waits for the handlers that run.
  ~HttpServer();

  /// Shows another certificate from now on, to new connections. Those that are open stay open, and
  /// each request on them is judged by the new authorities of clients. False when `tls` is what is
  /// served already. invalid_argument, and nothing changes, when it cannot be used, and where it
  /// would begin or end TLS or asking clients for certificates. Thread-safe.
  Result<bool> renew(HttpServerTls tls);

  std::uint16_t port() const;

 private:
  struct State;

  explicit HttpServer(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace sluice
