#include "pkg/http/session.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <string>
#include <utility>

namespace sluice {
namespace {

constexpr long kConnectMs = 5000;
constexpr long kProbeAfterSeconds = 15;  // TCP keep-alive: first probe after this much silence,
constexpr long kProbeEverySeconds = 5;   // then so often,
constexpr unsigned kSilenceLimitMs = 30'000;  // and the end (tcp(7), TCP_USER_TIMEOUT).

struct SlistRelease {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

using HeaderList = std::unique_ptr<curl_slist, SlistRelease>;

HeaderList header_list(const std::vector<std::string>& headers) {
  // libcurl would wait a second for "100 Continue" before sending a larger body.
  HeaderList list(curl_slist_append(nullptr, "Expect:"));
  for (const std::string& header : headers) {
    curl_slist* grown = curl_slist_append(list.get(), header.c_str());
    if (grown == nullptr) return list;  // Out of memory; the process is about to end anyway.
    static_cast<void>(list.release());
    list.reset(grown);
  }
  return list;
}

/// Where a body goes.
struct Body {
  CURL* easy;
  const HttpClient::Sink* sink;
  std::size_t limit;
  std::string collected;
  bool too_long = false;
  bool sink_had_enough = false;
};

bool take(Body& body, std::string_view piece) {
  long status = 0;
  curl_easy_getinfo(body.easy, CURLINFO_RESPONSE_CODE, &status);
  if (body.sink != nullptr && status / 100 == 2) {
    body.sink_had_enough = !(*body.sink)(piece);
    return !body.sink_had_enough;
  }
  body.too_long = piece.size() > body.limit - body.collected.size();
  if (!body.too_long) body.collected.append(piece);
  return !body.too_long;
}

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
  const std::size_t length = size * count;
  return take(*static_cast<Body*>(user), {data, length}) ? length : CURL_WRITEFUNC_ERROR;
}

int on_socket(void* /*user*/, curl_socket_t socket, curlsocktype /*purpose*/) {
  // Best effort: without it a dead peer is noticed by keep-alive alone, or by the deadline.
  ::setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &kSilenceLimitMs, sizeof(kSilenceLimitMs));
  return CURL_SOCKOPT_OK;
}

void set_blob(CURL* easy, CURLoption option, const std::string& text) {
  if (text.empty()) return;
  curl_blob blob{const_cast<char*>(text.data()), text.size(),
                 CURL_BLOB_COPY};  // Copied, not changed.
  curl_easy_setopt(easy, option, &blob);
}

void set_identity(CURL* easy, const HttpIdentity& identity) {
  if (!identity.authorities.empty()) {
    // Trusted beside the blob otherwise. A proxy is never used, and would be judged alike.
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
    curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, nullptr);
    set_blob(easy, CURLOPT_CAINFO_BLOB, identity.authorities);
    set_blob(easy, CURLOPT_PROXY_CAINFO_BLOB, identity.authorities);
  }
  set_blob(easy, CURLOPT_SSLCERT_BLOB, identity.certificate);
  set_blob(easy, CURLOPT_SSLKEY_BLOB, identity.key);
}

void set_connection(CURL* easy) {
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // A stop does not wait for the name server.
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, kConnectMs);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, kProbeAfterSeconds);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, kProbeEverySeconds);
  curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_socket);
}

void set_request(CURL* easy, const HttpRequest& request) {
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.deadline.count()));
  const bool wants_body = request.method != "GET" && request.method != "DELETE";
  if (wants_body || !request.body.empty()) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.c_str());
  }
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

Code code_of(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR: return Code::busy;  // Nothing was sent.
    case CURLE_PEER_FAILED_VERIFICATION: return Code::permission_denied;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM: return Code::invalid_argument;
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE: return Code::timed_out;
    default: return Code::internal;
  }
}

HttpAnswer answer_of(CURL* easy, std::string body) {
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  curl_off_t retry_after = 0;  // Stays 0 without the header.
  curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after);
  HttpAnswer answer{.status = static_cast<int>(status), .body = std::move(body)};
  if (retry_after > 0) answer.retry_after = std::chrono::seconds(retry_after);
  return answer;
}

}  // namespace

Result<std::unique_ptr<HttpSession>> HttpSession::open() {
  Multi multi(curl_multi_init());
  Easy easy(curl_easy_init());
  if (!multi || !easy) return Error(Code::exhausted, "no memory for an HTTP session");
  return std::unique_ptr<HttpSession>(new HttpSession(std::move(multi), std::move(easy)));
}

Result<HttpAnswer> HttpSession::transfer(const HttpRequest& request, const HttpIdentity& identity,
                                         const std::string& user_agent,
                                         const HttpClient::Sink* sink) {
  CURL* const easy = easy_.get();
  curl_easy_reset(easy);
  const HeaderList headers = header_list(request.headers);
  Body body{.easy = easy, .sink = sink, .limit = request.answer_limit};
  std::array<char, CURL_ERROR_SIZE> reason{};
  set_connection(easy);
  set_identity(easy, identity);
  set_request(easy, request);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, user_agent.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &body);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, reason.data());

  const std::optional<CURLcode> end = TRY(drive(request.stop));
  if (!end) return Error(Code::timed_out, "stopped before the answer was complete");
  if (body.too_long) {
    return Error(Code::exhausted, fmt::format("answer longer than {} bytes", request.answer_limit));
  }
  if (*end != CURLE_OK && !body.sink_had_enough) {
    return Error(code_of(*end), reason[0] != '\0' ? reason.data() : curl_easy_strerror(*end));
  }
  return answer_of(easy, std::move(body.collected));
}

Result<std::optional<CURLcode>> HttpSession::drive(const std::stop_token& stop) {
  CURLM* const multi = multi_.get();
  curl_multi_add_handle(multi, easy_.get());
  std::optional<CURLcode> end;
  CURLMcode status = CURLM_OK;
  {
    const std::stop_callback wake(stop, [multi] { curl_multi_wakeup(multi); });
    int running = 1;
    while (status == CURLM_OK && !end && !stop.stop_requested()) {
      status = curl_multi_perform(multi, &running);
      int left = 0;
      const CURLMsg* const message = curl_multi_info_read(multi, &left);
      if (message != nullptr && message->msg == CURLMSG_DONE) end = message->data.result;
      // A timer of the transfer that is due earlier ends the wait earlier.
      if (status == CURLM_OK && !end) status = curl_multi_poll(multi, nullptr, 0, 1000, nullptr);
    }
  }
  curl_multi_remove_handle(multi, easy_.get());
  if (status != CURLM_OK) return Error(Code::internal, curl_multi_strerror(status));
  return end;
}

}  // namespace sluice
