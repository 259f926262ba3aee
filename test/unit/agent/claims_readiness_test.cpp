#include "agent/claims/claims_readiness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice {
namespace {

using testing::HasSubstr;

class ClaimsReadinessTest : public testing::Test {
 protected:
  // What /readyz answers; empty: ready.
  std::string wrong() const {
    for (const HttpRoute& route : probes_.routes()) {
      if (route.path != "/readyz") continue;
      const HttpReply reply = route.handle({});
      return reply.status == 200 ? "" : reply.body;
    }
    return "no route";
  }

  Probes probes_{{}};
  ClaimsReadiness readiness_{probes_};
};

TEST_F(ClaimsReadinessTest, ANodeWithoutClaimsIsReadyWithoutThem) {
  readiness_.registered("refused");
  readiness_.refused("may not list");
  EXPECT_EQ(wrong(), "");
}

TEST_F(ClaimsReadinessTest, M5_ItIsReadyAfterRegistrationAndFirstPublication) {
  readiness_.need("");
  EXPECT_THAT(wrong(), HasSubstr("claims: the kubelet has not accepted the driver yet"));
  readiness_.registered("");
  EXPECT_THAT(wrong(), HasSubstr("claims: the ResourceSlices are not published yet"));
  readiness_.published();
  EXPECT_EQ(wrong(), "");
}

TEST_F(ClaimsReadinessTest, R4_ARefusedRegistrationIsNotReady) {
  readiness_.need("");
  readiness_.published();
  readiness_.registered("");
  readiness_.registered("endpoint already registered");
  EXPECT_EQ(wrong(), "claims: endpoint already registered\n");
}

TEST_F(ClaimsReadinessTest, S16_AForbiddenVerbIsNotReadyUntilItIsGranted) {
  readiness_.need("");
  readiness_.registered("");
  readiness_.published();
  readiness_.refused("may not update ResourceSlices");
  EXPECT_EQ(wrong(), "claims: may not update ResourceSlices\n");
  readiness_.published();
  EXPECT_EQ(wrong(), "");
}

TEST_F(ClaimsReadinessTest, WithoutTheApiServerClaimsAreNotServed) {
  readiness_.need("no access to the API server");
  EXPECT_EQ(wrong(), "claims: no access to the API server\n");
}

}  // namespace
}  // namespace sluice
