#include "pkg/annotations/placement_annotation.h"

#include <gtest/gtest.h>

#include "test/support/golden.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

PodPlacement three_lanes() {
  return {
      {.port = "0000:3b:00.0", .rate = {.floor = BitRate::gbps(15), .ceiling = BitRate::gbps(20)}},
      {.port = "0000:3b:00.1", .rate = {.floor = BitRate::mbps(2500)}},
      {.port = "0000:3b:00.0", .rate = {}, .vfio = true}};
}

TEST(PlacementAnnotation, IsWhatOthersRead) {
  EXPECT_JSON_EQ_GOLDEN(encode_placement(three_lanes()), "placement_annotation.json");
  EXPECT_EQ(encode_placement({three_lanes().front()}),
            R"({"version":1,"lanes":[{"port":"0000:3b:00.0","floor":"15G","ceiling":"20G"}]})");
}

TEST(PlacementAnnotation, IsReadBack) {
  for (const PodPlacement& placement : {PodPlacement(), three_lanes()}) {
    ASSERT_OK_AND_ASSIGN(const PodPlacement decoded, decode_placement(encode_placement(placement)));
    EXPECT_EQ(decoded, placement);
  }
}

TEST(PlacementAnnotation, MayHaveKeysThatAreNotKnown) {
  ASSERT_OK_AND_ASSIGN(
      const PodPlacement decoded,
      decode_placement(R"({"version":1,"by":"x","lanes":[{"port":"a","vfs":1}]})"));
  EXPECT_EQ(decoded, PodPlacement({{.port = "a", .rate = {}}}));
}

TEST(PlacementAnnotation, OfANewerVersionIsUnsupported) {
  EXPECT_THAT(decode_placement(R"({"version":2,"ports":{}})"),
              FailsWith(Code::unsupported,
                        "annotation 'sluice.dev/placement': /version: 2 is newer than 1"));
}

struct Bad {
  const char* text;
  const char* problem;
};

class RefusesBadPlacements : public testing::TestWithParam<Bad> {};

INSTANTIATE_TEST_SUITE_P(
    PlacementAnnotation, RefusesBadPlacements,
    testing::Values(Bad{"", "not JSON"}, Bad{"[]", "want an object"},
                    Bad{"{}", "/version: want a whole number"},
                    Bad{R"({"version":0,"lanes":[]})", "/version: want 1, got 0"},
                    Bad{R"({"version":1})", "/lanes: want an array"},
                    Bad{R"({"version":1,"lanes":[1]})", "/lanes/0: want an object"},
                    Bad{R"({"version":1,"lanes":[{}]})", "/lanes/0/port: is missing"},
                    Bad{R"({"version":1,"lanes":[{"port":""}]})", "/lanes/0/port: want a text"},
                    Bad{R"({"version":1,"lanes":[{"port":"a","floor":1}]})",
                        "/lanes/0/floor: want a quantity"},
                    Bad{R"({"version":1,"version":1,"lanes":[]})", "/version: is there twice"}));

TEST_P(RefusesBadPlacements, NamingThePlace) {
  EXPECT_THAT(decode_placement(GetParam().text),
              FailsWith(Code::invalid_argument, GetParam().problem));
}

TEST(PlacementAnnotation, HasSixtyFourLanesAtMost) {
  PodPlacement placement(64, {.port = "a", .rate = {}});
  EXPECT_THAT(decode_placement(encode_placement(placement)), IsOk());
  placement.push_back({.port = "a", .rate = {}});
  EXPECT_THAT(decode_placement(encode_placement(placement)),
              FailsWith(Code::invalid_argument, "/lanes: 65 lanes, 64 are the most"));
}

}  // namespace
}  // namespace sluice
