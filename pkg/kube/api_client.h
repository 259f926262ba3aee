#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>

#include "pkg/base/backoff.h"
#include "pkg/base/result.h"
#include "pkg/http/client.h"
#include "pkg/kube/access.h"
#include "pkg/kube/retry.h"
#include "pkg/kube/token.h"
#include "pkg/kube/url.h"

namespace sluice {

struct ApiOptions {
  std::string user_agent = "sluice";
  std::chrono::milliseconds deadline{20'000};  ///< For a call with all its attempts and waits.
  std::chrono::milliseconds attempt{10'000};   ///< For one attempt of it.
  int attempts = 5;
  Backoff::Limits backoff{std::chrono::milliseconds(200), std::chrono::milliseconds(5000)};
  std::stop_token stop;  ///< Ends every call and wait at once: the end of the process.
  Pause pause = pause_for;
};

/// How a patch is meant (api-machinery: strategic merge is not needed here).
enum class PatchKind {
  merge,  ///< RFC 7386: what is named replaces, null removes.
  json,   ///< RFC 6902: a list of operations; never sent twice.
  apply,  ///< Server-side apply: what this field manager wants; creates what is not there.
};

struct ApiPatch {
  PatchKind kind = PatchKind::merge;
  std::string body;
  std::string field_manager;  ///< Mandatory for apply, which is forced: conflicting owners lose.
};

/// A Kubernetes API server over HTTP: JSON text in, JSON text out. Paths begin with "/api" or
/// "/apis". Thread-safe; every call waits for its answer.
///
/// Overload and trouble of the server are waited out (Retry-After, back-off with jitter) as long as
/// the deadline lasts and the request cannot be carried out twice; a refused token is read again
/// once. What remains is an Error with the server's words (see to_error() in api_status.h) or
/// that of HttpClient.
class ApiClient final {
 public:
  explicit ApiClient(ClusterAccess access, ApiOptions options = {});

  Result<std::string> get(const std::string& path, const Query& query = {});

  /// POST to a collection; already_exists when the name is taken.
  Result<std::string> create(const std::string& path, const std::string& object);

  /// PUT; busy when the object has another resourceVersion by now.
  Result<std::string> replace(const std::string& path, const std::string& object);

  Result<std::string> patch(const std::string& path, const ApiPatch& patch);

  /// DELETE; `options` is a DeleteOptions object (preconditions) or empty. Success when it is gone.
  Result<> remove(const std::string& path, const std::string& options = "");

  /// One attempt at an answer without end, whatever its status; see HttpClient::stream(). `stop` is
  /// the caller's own, beside that of the options.
  Result<HttpAnswer> stream(const std::string& path_and_query, std::chrono::milliseconds deadline,
                            const HttpClient::Sink& sink, const std::stop_token& stop);

  const ApiOptions& options() const { return options_; }

  const ClusterAccess& access() const { return access_; }

 private:
  struct Call;

  Result<std::string> send(const Call& call);
  Result<HttpAnswer> attempt_all(const Call& call);
  Result<HttpAnswer> attempt(const Call& call, std::chrono::milliseconds deadline);
  HttpRequest request(const Call& call, const std::string& token,
                      std::chrono::milliseconds deadline) const;

  const ClusterAccess access_;
  const ApiOptions options_;
  HttpClient http_;
  Token token_;
  std::atomic<std::uint32_t> calls_ = 0;  // Seeds the back-off of each.
};

}  // namespace sluice
