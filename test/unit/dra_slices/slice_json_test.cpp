#include "dra/slices/slice_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "pkg/json/document.h"
#include "test/support/result_matchers.h"
#include "test/unit/dra_slices/claim_world.h"

namespace sluice::dra {
namespace {

using nlohmann::json;

Slice slice_of(std::vector<ClaimPort> ports) {
  Slice slice = make_slices(claim_node(std::move(ports)), {}).slices.at(0);
  slice.generation = 3;
  return slice;
}

/// As the server would send it.
json sent(const json& object) {
  return parse_document(object.dump());
}

class EachVersion : public testing::TestWithParam<ResourceVersion> {};

TEST_P(EachVersion, BringsTheSliceBack) {
  ClaimPort down = mlx5_port(1);
  down.carrier = false;
  for (const Slice& slice :
       {slice_of({mlx5_port(), igb_port(), infiniband_port()}), slice_of({down}), slice_of({})}) {
    ASSERT_OK_AND_ASSIGN(const Slice back, decode_stored(sent(encode(slice, GetParam()))).content);
    EXPECT_EQ(back, slice);
  }
}

INSTANTIATE_TEST_SUITE_P(Versions, EachVersion,
                         testing::Values(ResourceVersion::v1, ResourceVersion::v1beta2,
                                         ResourceVersion::v1beta1));

TEST(SliceJson, OfTheOldestVersionHasItsDevicesOneLevelBelow) {
  const json old = encode(slice_of({igb_port()}), ResourceVersion::v1beta1);
  EXPECT_EQ(old["apiVersion"], "resource.k8s.io/v1beta1");
  const json& device = old["spec"]["devices"][0];
  EXPECT_EQ(device.size(), 2u);
  EXPECT_EQ(device["basic"]["allowMultipleAllocations"], true);
}

TEST(SliceJson, AReplacementNamesWhatItReplacesAndKeepsWhatOthersWrote) {
  const StoredSlice stored{.name = "00000-sluice.dev-node-a",
                           .uid = "u",
                           .version = "17",
                           .labels = {{"a", "b"}},
                           .annotations = {{"c", "d"}},
                           .content = slice_of({})};
  const json metadata = encode(slice_of({igb_port()}), ResourceVersion::v1, &stored)["metadata"];
  EXPECT_EQ(metadata["resourceVersion"], "17");
  EXPECT_EQ(metadata["uid"], "u");
  EXPECT_EQ(metadata["labels"], (json{{"a", "b"}}));
  EXPECT_EQ(metadata["annotations"], (json{{"c", "d"}}));
  EXPECT_EQ(metadata["ownerReferences"][0]["kind"], "Node");
}

// What the server may make of a slice without meaning anything by it.
TEST(SliceJson, SpellingDoesNotCount) {
  const Slice slice = slice_of({mlx5_port()});
  json object = encode(slice, ResourceVersion::v1);
  json& device = object["spec"]["devices"][0];
  json& bandwidth = device["capacity"]["bandwidth"];
  EXPECT_EQ(bandwidth["value"], "40G");
  bandwidth["value"] = "40000M";
  bandwidth["requestPolicy"]["default"] = "1000k";
  bandwidth["requestPolicy"]["validRange"]["max"] = "39062500Ki";
  bandwidth["requestPolicy"]["validRange"]["step"] = "1e6";
  device["capacity"]["vfs"]["requestPolicy"]["validValues"][0] = "1000m";
  device["taints"] = json::array();
  object["metadata"]["managedFields"] = json::array({1});
  object["metadata"]["creationTimestamp"] = "2026-01-31T12:00:00Z";
  object["spec"]["allNodes"] = false;
  ASSERT_OK_AND_ASSIGN(const Slice back, decode_stored(sent(object)).content);
  EXPECT_EQ(back, slice);
}

TEST(SliceJson, WhenATaintCameDoesNotCount) {
  ClaimPort port = mlx5_port();
  port.carrier = false;
  json object = encode(slice_of({port}), ResourceVersion::v1);
  object["spec"]["devices"][0]["taints"][0]["timeAdded"] = "2026-01-31T12:00:00Z";
  ASSERT_OK_AND_ASSIGN(const Slice back, decode_stored(sent(object)).content);
  EXPECT_EQ(back, slice_of({port}));
  EXPECT_EQ(back.devices[0].taints[0].time_added, "2026-01-31T12:00:00Z");
}

struct Difference {
  std::string at;  // JSON pointer
  std::string value;
};

class EachDifference : public testing::TestWithParam<Difference> {};

TEST_P(EachDifference, Counts) {
  const Slice slice = slice_of({mlx5_port()});
  json object = encode(slice, ResourceVersion::v1);
  object[json::json_pointer(GetParam().at)] = parse_document(GetParam().value);
  const StoredSlice stored = decode_stored(sent(object));
  EXPECT_FALSE(stored.content && *stored.content == slice);
  EXPECT_EQ(stored.name, slice.name);
}

INSTANTIATE_TEST_SUITE_P(
    Slices, EachDifference,
    testing::Values(
        Difference{"/spec/pool/generation", "4"}, Difference{"/spec/pool/resourceSliceCount", "2"},
        Difference{"/spec/devices/0/name", R"("other")"},
        Difference{"/spec/devices/0/allowMultipleAllocations", "false"},
        Difference{"/spec/devices/0/attributes/link/string", R"("eth9")"},
        Difference{"/spec/devices/0/attributes/link", R"({"version": "1.0.0"})"},
        Difference{"/spec/devices/0/attributes/extra", R"({"int": 1})"},
        Difference{"/spec/devices/0/attributes/carrier", R"({"string": "true"})"},
        Difference{"/spec/devices/0/capacity/bandwidth/value", R"("40Gi")"},
        Difference{"/spec/devices/0/capacity/bandwidth/value", "40"},
        Difference{"/spec/devices/0/capacity/bandwidth/value", R"("1500m")"},
        Difference{"/spec/devices/0/capacity/bandwidth/requestPolicy", R"({"default": "1M"})"},
        Difference{"/spec/devices/0/taints", R"([{"key": "a/b", "effect": "NoExecute"}])"},
        Difference{"/spec/devices/1", R"({"name": "more"})"}, Difference{"/spec/devices", "7"},
        Difference{"/metadata/ownerReferences/0/uid", R"("other")"},
        Difference{"/metadata/ownerReferences/0/kind", R"("Pod")"},
        Difference{"/metadata/ownerReferences", "[]"}, Difference{"/spec/driver", R"("other")"}));

TEST(SliceJson, WhatIsNoSliceHasNoContent) {
  EXPECT_THAT(decode_stored(json(7)).content, FailsWith(Code::invalid_argument, "want an object"));
  EXPECT_EQ(decode_stored(json(7)).name, "");
  EXPECT_THAT(decode_stored({{"metadata", {{"name", "x"}}}, {"spec", {{"devices", {1}}}}}).content,
              FailsWith(Code::invalid_argument, "want"));
}

}  // namespace
}  // namespace sluice::dra
