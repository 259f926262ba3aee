#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/result.h"

namespace sluice {

/// Whom a client believes and how it introduces itself; PEM text, not file names.
struct HttpIdentity {
  /// Certificates that may sign the server's, and no others; empty: those that the system trusts.
  std::string authorities;
  std::string certificate;  ///< Shown to the server; empty: none.
  std::string key;          ///< The certificate's private key.
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;                   ///< http or https.
  std::vector<std::string> headers;  ///< "Name: value", without line ends.
  std::string body;
  std::chrono::milliseconds deadline{10'000};  ///< For the whole answer, connecting included.
  std::size_t answer_limit = 16u << 20;        ///< Bytes of a collected body.
  std::stop_token stop;                        ///< Ends the wait at once.
};

struct HttpAnswer {
  int status = 0;
  std::string body;
  std::optional<std::chrono::seconds> retry_after;  ///< The header of that name, date or seconds.
};

/// An HTTP/1.1 client on libcurl. Connections are kept and used again; redirects are not followed
/// and proxy variables of the environment are not heeded. Calls may come from any thread, each
/// waiting for its own answer: a connection serves one call at a time.
///
/// An answer of any status is a value. Errors: busy when no connection came about, its TLS included
/// (nothing was sent), timed_out when the outcome is unknown (deadline, connection lost, stopped),
/// permission_denied when the server is not whom the authorities vouch for, invalid_argument for
/// a URL or an identity that cannot be used, exhausted for an answer above its limit.
class HttpClient final {
 public:
  HttpClient(HttpIdentity identity, std::string user_agent);
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient();

  Result<HttpAnswer> send(const HttpRequest& request);

  /// Takes a piece of a body as it arrives; false when that was enough.
  using Sink = std::function<bool(std::string_view piece)>;

  /// Like send(), but the body of a 2xx answer goes to `sink` piece by piece, without limit; that
  /// of any other is collected. Returns when the body ends or the sink has enough. A peer that
  /// vanished without a word is given up after 30 s.
  Result<HttpAnswer> stream(const HttpRequest& request, const Sink& sink);

 private:
  struct Idle;

  Result<HttpAnswer> transfer(const HttpRequest& request, const Sink* sink);

  const HttpIdentity identity_;
  const std::string user_agent_;
  std::unique_ptr<Idle> idle_;  // Connections without a request at the moment.
};

}  // namespace sluice
