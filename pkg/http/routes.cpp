#include "pkg/http/routes.h"

namespace sluice {
namespace {

bool path_fits(const HttpRoute& route, const std::string& path) {
  return path == route.path || (route.path.ends_with('/') && path.starts_with(route.path));
}

bool method_fits(const HttpRoute& route, const std::string& method) {
  return route.method.empty() || route.method == method ||
         (route.method == "GET" && method == "HEAD");
}

}  // namespace

HttpReply answer(const std::vector<HttpRoute>& routes, const HttpCall& call) {
  bool known_path = false;
  for (const HttpRoute& route : routes) {
    if (!path_fits(route, call.path)) continue;
    if (method_fits(route, call.method)) return route.handle(call);
    known_path = true;
  }
  if (known_path) return {.status = 405, .body = "method not allowed\n"};
  return {.status = 404, .body = "not found\n"};
}

}  // namespace sluice
