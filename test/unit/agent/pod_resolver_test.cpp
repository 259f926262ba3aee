#include "agent/pod_lanes/pod_resolver.h"

#include "test/fake/fake_front_end.h"
#include "test/support/result_matchers.h"
#include "test/support/temp_dir.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const PodId kPod{.name_space = "ml", .name = "trainer", .uid = "5f0c"};

PodLane lane(const char* vf) {
  return {.vf = PciAddress::parse(vf).value(), .class_name = {}, .ifname = {}};
}

class PodResolverTest : public testing::Test {
 protected:
  PodResolverTest() {
    dir_.write("config.json", R"({"ports": [], "classes": []})");
    EXPECT_THAT(config_.load(), IsOk());
  }

  TempDir dir_;
  LiveConfig config_{dir_ / "config.json", dir_ / "lib"};
  Dir sysfs_ = Dir::open(dir_.path()).value();
  FakeFrontEnd classes_{FrontEndName::classes};
  FakeFrontEnd claims_{FrontEndName::claims};
  PodResolver resolver_{{&classes_, &claims_}, Networks(config_, sysfs_)};
};

TEST_F(PodResolverTest, APodGetsTheLanesOfAllFrontEndsInTheirOrder) {
  classes_.lanes["trainer"] = {lane("0000:3b:02.1")};
  claims_.lanes["trainer"] = {lane("0000:3b:02.3"), lane("0000:3b:02.2")};
  EXPECT_THAT(*resolver_.lanes_of(kPod),
              ElementsAre(lane("0000:3b:02.1"), lane("0000:3b:02.3"), lane("0000:3b:02.2")));
  EXPECT_THAT(*resolver_.lanes_of({.name_space = "ml", .name = "web", .uid = {}}), IsEmpty());
}

TEST_F(PodResolverTest, AVfThatTwoFrontEndsNameIsRefusedWithBoth) {
  classes_.lanes["trainer"] = {lane("0000:3b:02.1")};
  claims_.lanes["trainer"] = {lane("0000:3b:02.2"), lane("0000:3b:02.1")};
  EXPECT_THAT(
      resolver_.lanes_of(kPod),
      FailsWith(Code::internal,
                "VF 0000:3b:02.1 is given to pod ml/trainer twice: by classes and by claims"));
}

TEST_F(PodResolverTest, APodWaitsForAllItsLanes) {
  classes_.lanes["trainer"] = {lane("0000:3b:02.1")};
  claims_.fails_with = Error(Code::busy, "the kubelet does not answer");
  EXPECT_THAT(resolver_.lanes_of(kPod), FailsWith(Code::busy, "the kubelet does not answer"));
}

}  // namespace
}  // namespace sluice
