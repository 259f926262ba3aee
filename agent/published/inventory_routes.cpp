#include "agent/published/inventory_routes.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "agent/published/getpfs.h"
#include "agent/published/ports_view.h"
#include "pkg/fs/text_file.h"

namespace sluice {
namespace {

using nlohmann::json;

constexpr std::string_view kBearer = "Bearer ";  // RFC 6750, 2.1

HttpReply json_reply(const json& value) {
  // Names of links may be any bytes.
  return {.body = value.dump(-1, ' ', false, json::error_handler_t::replace) + "\n",
          .content_type = "application/json"};
}

HttpReply unread() {
  return {.status = 503, .body = "the node has not been read yet\n"};
}

/// Takes as long wherever the first difference is.
bool is_same(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  }
  return difference == 0;
}

HttpReply refuse() {
  return {.status = 401,
          .body = "want \"Authorization: Bearer\" with the token\n",
          .headers = {{"WWW-Authenticate", "Bearer"}}};
}

HttpHandler guarded(HttpHandler handle, const std::string& file) {
  return [handle = std::move(handle), file](const HttpCall& call) -> HttpReply {
    const Result<std::string> token = read_text_file(file);
    if (!token || token->empty()) {
      return {.status = 503, .body = "the token cannot be read\n"};
    }
    const auto shown = call.headers.find("authorization");
    if (shown == call.headers.end() || !shown->second.starts_with(kBearer)) return refuse();
    const std::string_view word = std::string_view(shown->second).substr(kBearer.size());
    return is_same(word, *token) ? handle(call) : refuse();
  };
}

}  // namespace

std::vector<HttpRoute> inventory_routes(const LatestNode& node, VfLists& kernel) {
  const auto getpfs_handler = [&node, &kernel](const HttpCall& /*call*/) {
    const auto kept = node.latest();
    if (kept == nullptr) return unread();
    return json_reply(getpfs(kept->node, kept->aside, kernel.read(kept->node.inventory)));
  };
  const auto ports_handler = [&node](const HttpCall& /*call*/) {
    const auto kept = node.latest();
    return kept == nullptr ? unread() : json_reply(ports_view(kept->node, kept->aside));
  };
  // The papers' server answers every method.
  return {{.method = "", .path = "/getpfs", .handle = getpfs_handler},
          {.method = "GET", .path = "/v1/ports", .handle = ports_handler}};
}

std::vector<HttpRoute> with_token(std::vector<HttpRoute> routes, const std::string& file) {
  for (HttpRoute& route : routes) route.handle = guarded(std::move(route.handle), file);
  return routes;
}

}  // namespace sluice
