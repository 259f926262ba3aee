#include "cni/protocol/error.h"

#include <optional>

#include <nlohmann/json.hpp>

namespace sluice::cni {
namespace {

ErrorCode cni_code(Code code) {
  switch (code) {
    case Code::invalid_argument: return ErrorCode::invalid_config;
    case Code::not_found: return ErrorCode::not_found;
    case Code::already_exists: return ErrorCode::name_taken;
    case Code::busy:
    case Code::timed_out: return ErrorCode::try_again;
    case Code::permission_denied: return ErrorCode::refused;
    case Code::unsupported:
    case Code::exhausted: return ErrorCode::impossible;
    case Code::data_loss: return ErrorCode::damaged;
    case Code::internal: break;
  }
  return ErrorCode::internal;
}

}  // namespace

Failure::Failure(const Error& error) : code(cni_code(error.code())), message(error.message()) {}

Outcome<> joined(const std::vector<Outcome<>>& outcomes) {
  std::optional<Failure> first;
  for (const Outcome<>& outcome : outcomes) {
    if (outcome) continue;
    if (first) {
      first->join(outcome.error());
    } else {
      first = outcome.error();
    }
  }
  return first ? Outcome<>(*std::move(first)) : Outcome<>();
}

std::string encode_failure(const Failure& failure, std::string_view version) {
  nlohmann::ordered_json json;
  json["cniVersion"] = version;
  json["code"] = static_cast<int>(failure.code);
  json["msg"] = failure.message;
  if (!failure.details.empty()) json["details"] = failure.details;
  // A message may quote bytes of the input that are not UTF-8.
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace sluice::cni
