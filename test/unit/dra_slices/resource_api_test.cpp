#include "dra/slices/resource_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "test/unit/kube/kube_world.h"

namespace sluice::dra {
namespace {

class ResourceApi : public KubeWorld {
 protected:
  Result<ResourceVersion> found() { return find_version(*connect()); }
};

TEST_F(ResourceApi, IsTheBestVersionThatTheServerHas) {
  const std::vector<std::pair<std::set<std::string>, ResourceVersion>> cases = {
      {{"v1", "v1beta1", "v1beta2", "v1alpha3"}, ResourceVersion::v1},
      {{"v1beta1", "v1beta2"}, ResourceVersion::v1beta2},
      {{"v1alpha3", "v1beta1"}, ResourceVersion::v1beta1}};
  for (const auto& [versions, best] : cases) {
    server.serve("resource.k8s.io", versions);
    ASSERT_OK_AND_ASSIGN(const ResourceVersion version, found());
    EXPECT_EQ(version, best);
  }
  EXPECT_EQ(slices_path(ResourceVersion::v1beta2), "/apis/resource.k8s.io/v1beta2/resourceslices");
}

TEST_F(ResourceApi, IsNoneOnAServerWithoutClaims) {
  EXPECT_THAT(found(), FailsWith(Code::unsupported, "but none: claims need Kubernetes 1.34"));
  server.serve("resource.k8s.io", {"v1alpha2", "v2"});
  EXPECT_THAT(found(), FailsWith(Code::unsupported, "but v1alpha2, v2: claims"));
}

TEST_F(ResourceApi, IsTakenForTheFirstWhereItMayNotBeAsked) {
  server.fail_next({.status = 403, .reason = "Forbidden"});
  ASSERT_OK_AND_ASSIGN(const ResourceVersion version, found());
  EXPECT_EQ(version, ResourceVersion::v1);
}

TEST_F(ResourceApi, IsUnknownWhileTheServerIsInTrouble) {
  for (int i = 0; i < 5; ++i) server.fail_next({.status = 500});
  EXPECT_THAT(found(), FailsWith(Code::internal, "GET /apis/resource.k8s.io: 500"));
}

}  // namespace
}  // namespace sluice::dra
