#include "pkg/kube/api_client.h"

#include <algorithm>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/kube/api_status.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

const char* content_type(PatchKind kind) {
  switch (kind) {
    case PatchKind::merge: return "application/merge-patch+json";
    case PatchKind::json: return "application/json-patch+json";
    case PatchKind::apply: return "application/apply-patch+yaml";  // JSON is YAML.
  }
  return "";
}

bool is_good(const Result<HttpAnswer>& answer) {
  return answer && answer->status / 100 == 2;
}

}  // namespace

struct ApiClient::Call {
  std::string method = "GET";
  std::string path;  // With its query.
  std::string body = {};
  std::string content_type = "application/json";
  Repeatable repeatable = Repeatable::yes;
};

ApiClient::ApiClient(ClusterAccess access, ApiOptions options)
    : access_(std::move(access)),
      options_(std::move(options)),
      http_(access_.identity, options_.user_agent),
      token_(access_) {}

Result<std::string> ApiClient::get(const std::string& path, const Query& query) {
  return send({.path = with_query(path, query)});
}

Result<std::string> ApiClient::create(const std::string& path, const std::string& object) {
  return send({.method = "POST", .path = path, .body = object, .repeatable = Repeatable::no});
}

Result<std::string> ApiClient::replace(const std::string& path, const std::string& object) {
  return send({.method = "PUT", .path = path, .body = object});
}

Result<std::string> ApiClient::patch(const std::string& path, const ApiPatch& patch) {
  Query query;
  if (!patch.field_manager.empty()) query.emplace_back("fieldManager", patch.field_manager);
  if (patch.kind == PatchKind::apply) query.emplace_back("force", "true");
  return send({.method = "PATCH",
               .path = with_query(path, query),
               .body = patch.body,
               .content_type = content_type(patch.kind),
               .repeatable = patch.kind == PatchKind::json ? Repeatable::no : Repeatable::yes});
}

Result<> ApiClient::remove(const std::string& path, const std::string& options) {
  const Result<std::string> answer = send({.method = "DELETE", .path = path, .body = options});
  if (!answer && answer.error().code() != Code::not_found) return answer.error();
  return {};
}

Result<HttpAnswer> ApiClient::stream(const std::string& path_and_query, milliseconds deadline,
                                     const HttpClient::Sink& sink, const std::stop_token& stop) {
  HttpRequest wanted = request({.path = path_and_query}, TRY(token_.current()), deadline);
  std::stop_source either;
  const auto end = [&either] { either.request_stop(); };
  const std::stop_callback on_own(stop, end);
  const std::stop_callback on_process(options_.stop, end);
  wanted.stop = either.get_token();
  return http_.stream(wanted, sink);
}

Result<std::string> ApiClient::send(const Call& call) {
  Result<HttpAnswer> answer = attempt_all(call);
  if (!answer) return answer.error();
  if (is_good(answer)) return std::move(answer->body);
  Error error = to_error(parse_api_status(answer->status, answer->body));
  error.prepend(fmt::format("{} {}", call.method, call.path));
  return error;
}

Result<HttpAnswer> ApiClient::attempt_all(const Call& call) {
  SpreadBackoff backoff(options_.backoff, std::random_device{}() + calls_++);
  const Clock::time_point end = Clock::now() + options_.deadline;
  for (int left = options_.attempts;;) {
    const auto before = std::chrono::duration_cast<milliseconds>(end - Clock::now());
    Result<HttpAnswer> answer = attempt(call, std::min(options_.attempt, before));
    if (is_good(answer)) return answer;
    const std::optional<milliseconds> delay = retry_delay(answer, call.repeatable, backoff);
    const bool has_time = delay && Clock::now() + *delay < end;
    if (!has_time || --left <= 0 || options_.stop.stop_requested()) return answer;
    options_.pause(*delay, options_.stop);
  }
}

Result<HttpAnswer> ApiClient::attempt(const Call& call, milliseconds deadline) {
  const std::string token = TRY(token_.current());
  Result<HttpAnswer> answer = http_.send(request(call, token, deadline));
  if (!answer || answer->status != 401) return answer;
  const std::string newer = TRY(token_.current());
  if (newer == token) return answer;  // It would be refused again.
  return http_.send(request(call, newer, deadline));
}

HttpRequest ApiClient::request(const Call& call, const std::string& token,
                               milliseconds deadline) const {
  HttpRequest request{.method = call.method,
                      .url = access_.server + call.path,
                      .headers = {"Accept: application/json"},
                      .body = call.body,
                      .deadline = std::max(deadline, milliseconds(1)),  // 0 is none, for libcurl.
                      .stop = options_.stop};
  if (!token.empty()) request.headers.push_back("Authorization: Bearer " + token);
  if (!call.body.empty()) request.headers.push_back("Content-Type: " + call.content_type);
  return request;
}

}  // namespace sluice
