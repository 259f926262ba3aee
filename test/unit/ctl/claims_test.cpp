#include "ctl/claims.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sluice {
namespace {

using testing::HasSubstr;

constexpr const char* kPort = "0000:3b:00.0";

NodeClaims node() {
  const Grant grant{.uid = "uid-1",
                    .name = "ml/train",
                    .pod_uid = "pod-1",
                    .vfs = {{.vf = "0000:3b:02.1",
                             .port = kPort,
                             .request = "first",
                             .rate = {BitRate::gbps(25), BitRate::gbps(50)},
                             .network = "rail0"},
                            {.vf = "0000:3b:02.2", .port = kPort, .request = "second"}}};
  LaneRecord lane;
  lane.id = "0000:3b:02.1";
  lane.phase = Phase::attached;
  const Grant pods{.uid = "pod-2",
                   .kind = Grant::Kind::pod,
                   .name = "ml/annotated",
                   .pod_uid = "pod-2",
                   .vfs = {{.vf = "0000:3b:02.3", .port = kPort}}};
  return look_at_claims({grant, pods}, {{.port = kPort, .lanes = {lane}}});
}

TEST(ClaimsTable, HasALineForEachVfAndSaysWhichAreLanes) {
  EXPECT_EQ(
      claims_table(node()),
      "CLAIM     REQUEST  VF            PORT          FLOOR      CEILING    NETWORK  LANE\n"
      "ml/train  first    0000:3b:02.1  0000:3b:00.0  25 Gbit/s  50 Gbit/s  rail0    attached\n"
      "ml/train  second   0000:3b:02.2  0000:3b:00.0  -          -          -        -\n");
}

TEST(ClaimsTable, SaysThatThereAreNone) {
  EXPECT_EQ(claims_table({}), "no claim has lanes of this node\n");
  EXPECT_THAT(claims_table({.lanes = {}, .problems = {"grants.json: not JSON"}}),
              HasSubstr("not read: grants.json"));
}

TEST(ClaimsJson, HasEverything) {
  const auto json = nlohmann::json::parse(claims_json(node()));
  EXPECT_EQ(json["lanes"][0]["claim"], "ml/train");
  EXPECT_EQ(json["lanes"][0]["floor"], 25'000'000'000);
  EXPECT_EQ(json["lanes"][0]["phase"], "attached");
  EXPECT_TRUE(json["lanes"][1]["phase"].is_null());
  EXPECT_TRUE(json["lanes"][1]["ceiling"].is_null());
}

}  // namespace
}  // namespace sluice
