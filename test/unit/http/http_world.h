#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pkg/http/client.h"
#include "pkg/http/server.h"
#include "test/support/result_matchers.h"

namespace sluice {

inline std::unique_ptr<HttpServer> serve(HttpHandler handler, HttpServerOptions options = {}) {
  auto server = HttpServer::start(std::move(options), {{"", "/", std::move(handler)}});
  EXPECT_THAT(server, IsOk());
  return std::move(server).release();
}

inline std::string url_of(const HttpServer& server, const std::string& path = "/",
                          const std::string& scheme = "http") {
  return fmt::format("{}://127.0.0.1:{}{}", scheme, server.port(), path);
}

}  // namespace sluice
