// Whose a token is, by what the kubelet says.
#include "agent/pods/token_holder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/support/result_matchers.h"

namespace sluice {
namespace {

const DeviceKey kToken{"sluice.dev/rdma", "token-17"};

PodDevice listed(const std::string& pod, const std::string& id = "token-17",
                 const std::string& resource = "sluice.dev/rdma") {
  return {.pod = pod, .container = "main", .resource = resource, .id = id};
}

CheckpointDevice kept(const std::string& uid, const std::string& id = "token-17",
                      const std::string& resource = "sluice.dev/rdma") {
  return {.pod_uid = uid, .container = "main", .resource = resource, .id = id};
}

Grant granted(const std::string& name, const std::string& uid,
              Grant::Kind kind = Grant::Kind::pod) {
  return {.uid = uid, .kind = kind, .name = name, .pod_uid = uid, .vfs = {{.vf = "v-" + uid}}};
}

TEST(HolderOf, IsThePodThatTheListNamesAndTheCheckpointIdentifies) {
  EXPECT_EQ(holder_of(kToken, {listed("ml/b", "token-1"), listed("ml/a")},
                      {kept("b", "token-1"), kept("a"), kept("c", "token-17", "sluice.dev/gold")})
                .value(),
            (TokenHolder{.uid = "a", .pod = "ml/a"}));
}

TEST(HolderOf, MayHaveItInSeveralContainers) {
  EXPECT_EQ(holder_of(kToken, {listed("ml/a"), listed("ml/a")}, {kept("a"), kept("a")}).value(),
            (TokenHolder{.uid = "a", .pod = "ml/a"}));
}

// The kubelet lists no init containers.
TEST(HolderOf, OfAnInitContainerIsKnownByTheCheckpoint) {
  EXPECT_EQ(holder_of(kToken, {}, {kept("a")}).value(), (TokenHolder{.uid = "a", .pod = ""}));
}

TEST(HolderOf, NoPodIsRefused) {
  EXPECT_THAT(holder_of(kToken, {}, {}), FailsWith(Code::busy, "'token-17'"));
  EXPECT_THAT(holder_of(kToken, {listed("ml/b", "token-1")}, {kept("b", "token-1")}),
              FailsWith(Code::busy, "'token-17'"));
}

TEST(HolderOf, TwoPodsAreRefused) {
  EXPECT_THAT(holder_of(kToken, {listed("ml/a"), listed("ml/b")}, {kept("a")}),
              FailsWith(Code::busy, R"(it lists {"ml/a", "ml/b"})"));
  EXPECT_THAT(holder_of(kToken, {listed("ml/a")}, {kept("a"), kept("b")}),
              FailsWith(Code::busy, R"(keeps the UIDs {"a", "b"})"));
}

// A pod that was deleted may have had the name.
TEST(HolderOf, ANameWithoutAUidIsRefused) {
  EXPECT_THAT(holder_of(kToken, {listed("ml/a")}, {}), FailsWith(Code::busy, "'token-17'"));
}

TEST(GrantOfHolder, IsThatOfThePod) {
  const std::vector<Grant> grants = {granted("ml/b", "b"), granted("ml/a", "a")};
  EXPECT_EQ(grant_of({.uid = "a", .pod = "ml/a"}, grants).value(), grants[1]);
  EXPECT_EQ(grant_of({.uid = "a", .pod = ""}, grants).value(), grants[1]);
}

TEST(GrantOfHolder, IsNeverThatOfAnotherPodOfTheName) {
  EXPECT_THAT(grant_of({.uid = "a2", .pod = "ml/a"}, {granted("ml/a", "a1")}),
              FailsWith(Code::busy, "pod 'ml/a' with UID 'a2' has no lanes by annotation"));
}

TEST(GrantOfHolder, OfAPodWhoseNameIsAnotherIsRefused) {
  EXPECT_THAT(grant_of({.uid = "a", .pod = "ml/x"}, {granted("ml/a", "a")}),
              FailsWith(Code::busy, "has no lanes by annotation"));
}

// Its containers are given the devices of claims by claims.
TEST(GrantOfHolder, IsNoClaims) {
  EXPECT_THAT(grant_of({.uid = "a", .pod = "ml/a"}, {granted("ml/a", "a", Grant::Kind::claim)}),
              FailsWith(Code::busy, "has no lanes by annotation"));
}

}  // namespace
}  // namespace sluice
