#include "pkg/kube/service_endpoint.h"

#include <gtest/gtest.h>

#include "test/unit/kube/kube_world.h"

namespace sluice {
namespace {

using nlohmann::json;

constexpr const char* kSlice =
    "/apis/discovery.k8s.io/v1/namespaces/sluice-system/endpointslices/sluice-scheduler";

class PublishEndpoint : public KubeWorld {
 protected:
  Result<> publish_at(const std::string& address) {
    return publish(*client, {.name_space = "sluice-system",
                             .service = "sluice-scheduler",
                             .address = address,
                             .port = 8888,
                             .port_name = "extender"});
  }

  const std::unique_ptr<ApiClient> client = connect();
};

TEST_F(PublishEndpoint, MakesTheSliceOfTheService) {
  ASSERT_TRUE(publish_at("10.1.2.3").has_value());

  const json slice = server.object(kSlice);
  EXPECT_EQ(slice["metadata"]["labels"]["kubernetes.io/service-name"], "sluice-scheduler");
  EXPECT_EQ(slice["addressType"], "IPv4");
  EXPECT_EQ(slice["endpoints"][0]["addresses"], json::array({"10.1.2.3"}));
  EXPECT_EQ(slice["endpoints"][0]["conditions"]["ready"], true);
  EXPECT_EQ(slice["ports"],
            json::array({{{"name", "extender"}, {"port", 8888}, {"protocol", "TCP"}}}));
}

TEST_F(PublishEndpoint, ReplacesWhereAnotherProcessWas) {
  ASSERT_TRUE(publish_at("10.1.2.3").has_value());
  ASSERT_TRUE(publish_at("10.1.2.4").has_value());

  EXPECT_EQ(server.object(kSlice)["endpoints"].size(), 1u);
  EXPECT_EQ(server.object(kSlice)["endpoints"][0]["addresses"], json::array({"10.1.2.4"}));
}

TEST_F(PublishEndpoint, KnowsTheFamilyOfTheAddress) {
  ASSERT_TRUE(publish_at("fd00::3").has_value());

  EXPECT_EQ(server.object(kSlice)["addressType"], "IPv6");
}

TEST_F(PublishEndpoint, RefusesAnAddressThatIsNone) {
  const Result<> published = publish_at("node-7");

  ASSERT_FALSE(published.has_value());
  EXPECT_EQ(published.error().code(), Code::invalid_argument);
  EXPECT_NE(published.error().message().find("node-7"), std::string::npos);
  EXPECT_TRUE(server.object(kSlice).is_null());
}

TEST_F(PublishEndpoint, SaysWhatTheServerRefuses) {
  server.fail_next({.status = 403, .reason = "Forbidden", .method = "PATCH"});

  const Result<> published = publish_at("10.1.2.3");

  ASSERT_FALSE(published.has_value());
  EXPECT_EQ(published.error().code(), Code::permission_denied);
}

}  // namespace
}  // namespace sluice
