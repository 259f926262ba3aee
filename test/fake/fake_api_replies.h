#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "pkg/http/server.h"
#include "test/fake/fake_api_objects.h"

namespace sluice {

// What a fake API server answers with.

inline std::string value_of(const std::map<std::string, std::string>& map, const std::string& key) {
  const auto found = map.find(key);
  return found == map.end() ? "" : found->second;
}

inline nlohmann::json status_of(const FakeApiRefusal& refusal) {
  return {
      {"kind", "Status"},    {"apiVersion", "v1"},         {"metadata", nlohmann::json::object()},
      {"status", "Failure"}, {"message", refusal.message}, {"reason", refusal.reason},
      {"code", refusal.code}};
}

inline HttpReply reply_of(int status, const nlohmann::json& body) {
  return {.status = status, .body = body.dump(), .content_type = "application/json"};
}

inline HttpReply reply_of(const FakeApiRefusal& refusal) {
  return reply_of(refusal.code, status_of(refusal));
}

inline HttpReply reply_of(const FakeApiObjects::Outcome& outcome, int good = 200) {
  return outcome.refusal ? reply_of(*outcome.refusal) : reply_of(good, outcome.object);
}

inline FakeApiRefusal expired(std::uint64_t asked, std::uint64_t oldest) {
  return {410, "Expired", fmt::format("too old resource version: {} ({})", asked, oldest)};
}

inline std::string line_of(const std::string& type, const nlohmann::json& object) {
  return nlohmann::json{{"type", type}, {"object", object}}.dump() + "\n";
}

}  // namespace sluice
