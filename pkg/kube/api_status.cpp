#include "pkg/kube/api_status.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "pkg/base/strings.h"
#include "pkg/json/document.h"
#include "pkg/json/members.h"

namespace sluice {
namespace {

constexpr std::size_t kMessageLimit = 512;  // Of a server's words in an error of ours.

Code code_of(const ApiStatus& status) {
  switch (status.code) {
    case 400:
    case 422: return Code::invalid_argument;
    case 401:
    case 403: return Code::permission_denied;
    case 404: return Code::not_found;
    case 405:
    case 406:
    case 415: return Code::unsupported;
    case 408:
    case 504: return Code::timed_out;
    case 409: return status.reason == "AlreadyExists" ? Code::already_exists : Code::busy;
    case 410: return Code::data_loss;
    case 413: return Code::exhausted;
    case 429:
    case 503: return Code::busy;
    default: return Code::internal;
  }
}

}  // namespace

ApiStatus parse_api_status(int http_status, std::string_view body) {
  const nlohmann::json json = parse_document(body);
  Problems ignored;
  Members status(json, "", ignored);
  if (status.text("kind") != "Status") {
    return {.code = http_status, .message = std::string(trim(body.substr(0, kMessageLimit)))};
  }
  const nlohmann::json* const code = status.find("code");
  return {.code = code != nullptr && code->is_number_integer() ? code->get<int>() : http_status,
          .reason = status.text("reason"),
          .message = status.text("message").substr(0, kMessageLimit)};
}

Error to_error(const ApiStatus& status) {
  std::string text = std::to_string(status.code);
  if (!status.reason.empty()) text += " " + status.reason;
  if (!status.message.empty()) text += ": " + status.message;
  return {code_of(status), text};
}

}  // namespace sluice
