#include "pkg/http/routes.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

HttpRoute route(const std::string& method, const std::string& path, const std::string& body) {
  return {method, path, [body](const HttpCall& /*call*/) { return HttpReply{.body = body}; }};
}

TEST(Routes, AnswersTheFirstThatFits) {
  const std::vector<HttpRoute> routes = {route("GET", "/a", "exact"), route("", "/a/", "below")};

  EXPECT_EQ(answer(routes, {.method = "GET", .path = "/a"}).body, "exact");
  EXPECT_EQ(answer(routes, {.method = "PUT", .path = "/a/b/c"}).body, "below");
}

TEST(Routes, AnswersHeadLikeGet) {
  EXPECT_EQ(answer({route("GET", "/a", "exact")}, {.method = "HEAD", .path = "/a"}).status, 200);
}

TEST(Routes, TellsAnUnknownPathFromAnUnknownMethod) {
  const std::vector<HttpRoute> routes = {route("GET", "/a", "exact")};

  EXPECT_EQ(answer(routes, {.method = "GET", .path = "/ab"}).status, 404);
  EXPECT_EQ(answer(routes, {.method = "POST", .path = "/a"}).status, 405);
}

}  // namespace
}  // namespace sluice
