#include "dra/slices/slices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include <nlohmann/json.hpp>

#include "dra/slices/slice_json.h"
#include "test/fake/fake_slice_rules.h"
#include "test/support/golden.h"
#include "test/unit/dra_slices/claim_world.h"

namespace sluice::dra {
namespace {

constexpr ServerFeatures kFixedClasses{
    .shared_devices = false, .taints = std::nullopt, .counters = false};

/// What a set has less than the devices that the picks take, or empty.
std::string overdrawn(const SliceSet& set, const std::vector<std::string>& picks) {
  std::map<std::string, Counters> left;
  for (const Slice& slice : set.slices) {
    for (const CounterSet& counters : slice.counters) left[counters.name] = counters.counters;
  }
  for (const Slice& slice : set.slices) {
    for (const Device& device : slice.devices) {
      if (std::ranges::find(picks, device.name) == picks.end()) continue;
      for (const CounterSet& use : device.consumes) {
        for (const auto& [counter, amount] : use.counters) {
          std::uint64_t& of = left.at(use.name).at(counter);
          if (of < amount) return use.name + "/" + counter;
          of -= amount;
        }
      }
    }
  }
  return "";
}

/// Two VFs of a port, each under "gold" (20 Gbit/s, one on the node) and "tin" (15), 30 for both.
ClaimNode node_of_classes() {
  ClaimNode node = claim_node({mlx5_port()});
  node.ports[0].for_classes = BitRate::gbps(30);
  node.most = {{"gold", 1}};
  for (const char* const name : {"0000:3b:00.2", "0000:3b:00.3"}) {
    node.vfs.push_back(vf(name));
    ClaimVf tin = vf(name);
    tin.class_name = "tin";
    tin.rate = {.floor = BitRate::gbps(15), .ceiling = {}};
    tin.is_planned = false;
    node.vfs.push_back(tin);
  }
  return node;
}

std::string text_of(const ClaimNode& node, const ServerFeatures& features = {}) {
  return encode(make_slices(node, features).slices.at(0), ResourceVersion::v1).dump();
}

std::vector<std::size_t> sizes(const SliceSet& set) {
  std::vector<std::size_t> sizes;
  for (const Slice& slice : set.slices) sizes.push_back(slice.devices.size());
  return sizes;
}

void expect_valid(const SliceSet& set) {
  for (const Slice& slice : set.slices) {
    EXPECT_EQ(invalid_in_slice(encode(slice, ResourceVersion::v1)), "");
  }
}

TEST(Slices, OfAPortThatDividesCeilings) {
  EXPECT_JSON_EQ_GOLDEN(text_of(claim_node({igb_port()})), "resource_slice_igb.json");
}

TEST(Slices, OfAPortThatWeighsItsVfs) {
  EXPECT_JSON_EQ_GOLDEN(text_of(claim_node({mlx5_port()})), "resource_slice_mlx5.json");
}

TEST(Slices, OfAPortWithoutFloors) {
  EXPECT_JSON_EQ_GOLDEN(text_of(claim_node({infiniband_port()})), "resource_slice_infiniband.json");
}

TEST(Slices, OfVfsOfFixedClasses) {
  EXPECT_JSON_EQ_GOLDEN(
      text_of(claim_node({mlx5_port()}, {vf("0000:3b:00.2"), vf("0000:3b:00.3")}), kFixedClasses),
      "resource_slice_vfs.json");
}

TEST(Slices, OfClassesThatDrawOnCounters) {
  const SliceSet set = make_slices(node_of_classes(), {});
  ASSERT_THAT(sizes(set), testing::ElementsAre(0, 5));
  expect_valid(set);
  nlohmann::json both = nlohmann::json::array();
  for (const Slice& slice : set.slices) both.push_back(encode(slice, ResourceVersion::v1));
  EXPECT_JSON_EQ_GOLDEN(both.dump(), "resource_slices_counters.json");
}

TEST(Slices, CountersLetEachVfGoOnceAndThePortsBandwidthBeTakenOnce) {
  const SliceSet set = make_slices(node_of_classes(), {});
  const std::string first = "vf-0000-3b-00-2-";
  const std::string second = "vf-0000-3b-00-3-";
  EXPECT_EQ(overdrawn(set, {first + "tin", second + "tin"}), "");
  EXPECT_EQ(overdrawn(set, {first + "gold"}), "");
  EXPECT_EQ(overdrawn(set, {first + "gold", first + "tin"}), "port-0000-3b-00-0/bandwidth");
  EXPECT_EQ(overdrawn(set, {first + "gold", second + "tin"}), "port-0000-3b-00-0/bandwidth");
  ClaimNode wide = node_of_classes();
  wide.ports[0].for_classes = BitRate::gbps(100);
  const SliceSet more = make_slices(wide, {});
  EXPECT_EQ(overdrawn(more, {first + "gold", second + "tin"}), "");
  EXPECT_EQ(overdrawn(more, {first + "gold", first + "tin"}), "port-0000-3b-00-0/vf-0000-3b-00-2");
  EXPECT_EQ(overdrawn(more, {first + "gold", second + "gold"}), "classes/class-gold");
}

TEST(Slices, OfAServerWithoutCountersHaveThePlannedVfsAlone) {
  const ServerFeatures no_counters{
      .shared_devices = true, .taints = std::nullopt, .counters = false};
  const SliceSet set = make_slices(node_of_classes(), no_counters);
  ASSERT_THAT(sizes(set), testing::ElementsAre(3));
  EXPECT_EQ(set.slices[0].devices[0].name, "port-0000-3b-00-0");
  EXPECT_EQ(set.slices[0].devices[2].name, "vf-0000-3b-00-3-gold");
  EXPECT_TRUE(set.slices[0].devices[2].consumes.empty());
  EXPECT_THAT(sizes(make_slices(node_of_classes(), kFixedClasses)), testing::ElementsAre(2));
}

TEST(Slices, APortWhoseVfsAreAllOfClassesHasNoDevice) {
  ClaimNode node = node_of_classes();
  node.ports[0].vfs = 0;
  const SliceSet set = make_slices(node, {});
  EXPECT_THAT(sizes(set), testing::ElementsAre(0, 4));
  EXPECT_TRUE(set.omissions.empty());
}

TEST(Slices, AnUnusableVfKeepsClaimsAway) {
  ClaimNode node = node_of_classes();
  node.vfs[0].is_usable = false;
  const SliceSet set = make_slices(node, {});
  const Device& device = set.slices[1].devices[1];
  EXPECT_EQ(device.name, "vf-0000-3b-00-2-gold");
  ASSERT_EQ(device.taints.size(), 1u);
  EXPECT_EQ(device.taints[0].key, "sluice.dev/unusable");
}

TEST(Slices, S4_OfManyVfsOfClassesAreAsManyAsTheServerTakes) {
  ClaimNode node = claim_node({}, {});
  for (int port = 0; port < 10; ++port) {
    node.ports.push_back(mlx5_port(port));
    for (int i = 0; i < static_cast<int>(kMostClassVfs); ++i) {
      node.vfs.push_back(vf(fmt::format("0000:{:02x}:{:02x}.{}", 0x40 + port, i / 8, i % 8),
                            node.ports.back().share.name));
    }
  }
  const SliceSet set = make_slices(node, {});
  EXPECT_THAT(sizes(set), testing::ElementsAre(0, 0, 64, 64, 64, 64, 64));
  EXPECT_EQ(set.slices[0].counters.size(), 8u);
  EXPECT_EQ(set.slices[1].counters.size(), 2u);
  for (const Slice& slice : set.slices) EXPECT_EQ(slice.slice_count, 7);
  expect_valid(set);
}

TEST(Slices, S3_AreTheSameInWhateverOrderPortsAndVfsAreFound) {
  ClaimNode node =
      claim_node({mlx5_port(0), mlx5_port(1), igb_port(), infiniband_port()}, many_vfs(30));
  const SliceSet ports = make_slices(node, {});
  const SliceSet vfs = make_slices(node, kFixedClasses);
  EXPECT_TRUE(std::is_sorted(ports.slices[1].devices.begin(), ports.slices[1].devices.end(),
                             [](const auto& a, const auto& b) { return a.name < b.name; }));
  expect_valid(ports);
  expect_valid(vfs);
  std::mt19937 random(7);
  for (int i = 0; i < 20; ++i) {
    std::shuffle(node.ports.begin(), node.ports.end(), random);
    std::shuffle(node.vfs.begin(), node.vfs.end(), random);
    EXPECT_EQ(make_slices(node, {}).slices, ports.slices);
    EXPECT_EQ(make_slices(node, kFixedClasses).slices, vfs.slices);
  }
}

TEST(Slices, S1_OfANodeWithoutPortsSayThatTheDriverLives) {
  const SliceSet set = make_slices(claim_node(), {});
  ASSERT_EQ(set.slices.size(), 1u);
  EXPECT_TRUE(set.slices[0].devices.empty());
  EXPECT_EQ(encode(set.slices[0], ResourceVersion::v1)["spec"].count("devices"), 0u);
}

TEST(Slices, S4_HoldAsManyDevicesAsTheServerTakes) {
  ClaimNode node = claim_node({mlx5_port()}, many_vfs(300));
  const SliceSet set = make_slices(node, kFixedClasses);
  EXPECT_THAT(sizes(set), testing::ElementsAre(128, 128, 44));
  for (const Slice& slice : set.slices) EXPECT_EQ(slice.slice_count, 3);
  EXPECT_EQ(set.slices[2].name, "00002-sluice.dev-node-a");
  expect_valid(set);

  node.ports[0].carrier = false;
  const SliceSet tainted = make_slices(node, kFixedClasses);
  EXPECT_THAT(sizes(tainted), testing::ElementsAre(64, 64, 64, 64, 44));
  expect_valid(tainted);
}

TEST(Slices, OfExactlyAFullSliceAreOne) {
  EXPECT_THAT(sizes(make_slices(claim_node({mlx5_port()}, many_vfs(128)), kFixedClasses)),
              testing::ElementsAre(128));
}

TEST(Slices, OfAServerWithoutTaintsHaveNone) {
  ClaimPort port = mlx5_port();
  port.carrier = false;
  const ServerFeatures no_taints{.shared_devices = true, .taints = false, .counters = std::nullopt};
  EXPECT_TRUE(make_slices(claim_node({port}), no_taints).slices[0].devices[0].taints.empty());
  EXPECT_FALSE(make_slices(claim_node({port}), {}).slices[0].devices[0].taints.empty());
}

TEST(Slices, WhatIsWrongWithOnePortCostsNoOther) {
  ClaimPort odd = mlx5_port(1);
  odd.network = std::string(65, 'n');
  ClaimPort unknown = igb_port();
  unknown.share.line_rate = {};
  const SliceSet set = make_slices(claim_node({mlx5_port(0), odd, unknown}), {});

  ASSERT_THAT(sizes(set), testing::ElementsAre(2));
  EXPECT_EQ(set.slices[0].devices[1].attributes.count("network"), 0u);
  EXPECT_EQ(set.slices[0].devices[1].attributes.count("rdmaDevice"), 1u);
  EXPECT_THAT(set.omissions,
              testing::ElementsAre(
                  "port eth1 is not published: no carrier, its line rate is unknown",
                  testing::HasSubstr("port-0000-3b-00-1: attribute 'network' is left out")));
}

TEST(Slices, ADeviceThatIsThereTwiceIsPublishedOnce) {
  const SliceSet set = make_slices(claim_node({mlx5_port(), mlx5_port()}), {});
  EXPECT_THAT(sizes(set), testing::ElementsAre(1));
  EXPECT_THAT(set.omissions,
              testing::ElementsAre("port-0000-3b-00-0: another device has this name"));
}

TEST(Slices, OfAnUnknownNodeObjectHaveNoOwner) {
  ClaimNode node = claim_node({igb_port()});
  node.uid = "";
  EXPECT_EQ(encode(make_slices(node, {}).slices[0], ResourceVersion::v1)["metadata"].count(
                "ownerReferences"),
            0u);
}

}  // namespace
}  // namespace sluice::dra
