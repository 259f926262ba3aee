#pragma once

#include <curl/curl.h>

#include <memory>
#include <optional>
#include <stop_token>

#include "pkg/base/result.h"
#include "pkg/http/client.h"

namespace sluice {

/// One kept connection (at most one transfer at a time) and the handles that libcurl wants for it.
/// The inside of HttpClient.
class HttpSession final {
 public:
  static Result<std::unique_ptr<HttpSession>> open();

  /// Sends the request and collects the answer, or gives its body to `sink` when that is not null.
  Result<HttpAnswer> transfer(const HttpRequest& request, const HttpIdentity& identity,
                              const std::string& user_agent, const HttpClient::Sink* sink);

 private:
  template <auto Release>
  struct Releaser {
    template <typename T>
    void operator()(T* handle) const {
      Release(handle);
    }
  };

  using Multi = std::unique_ptr<CURLM, Releaser<curl_multi_cleanup>>;
  using Easy = std::unique_ptr<CURL, Releaser<curl_easy_cleanup>>;

  HttpSession(Multi multi, Easy easy) : multi_(std::move(multi)), easy_(std::move(easy)) {}

  /// Runs the prepared transfer to its end; nullopt when it was stopped.
  Result<std::optional<CURLcode>> drive(const std::stop_token& stop);

  Multi multi_;  // Owns the connections, so it outlives the easy handle.
  Easy easy_;
};

}  // namespace sluice
