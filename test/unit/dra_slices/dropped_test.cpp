#include "dra/slices/dropped.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/unit/dra_slices/claim_world.h"

namespace sluice::dra {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Slice with_taint() {
  ClaimPort down = mlx5_port();
  down.carrier = false;
  return make_slices(claim_node({down, igb_port()}), {}).slices[0];
}

TEST(Dropped, NothingIsProvenBeforeTheServerAnswered) {
  ServerFeatures server;
  EXPECT_FALSE(is_proven(server, with_taint()));
  EXPECT_THAT(learn(server, with_taint(), with_taint()), IsEmpty());
  EXPECT_EQ(server,
            (ServerFeatures{.shared_devices = true, .taints = true, .counters = std::nullopt}));
  EXPECT_TRUE(is_proven(server, with_taint()));
}

TEST(Dropped, ASliceWithoutThemProvesNothingAndNeedsNoProof) {
  ServerFeatures server;
  const Slice empty = make_slices(claim_node(), {}).slices[0];
  EXPECT_TRUE(is_proven(server, empty));
  learn(server, empty, empty);
  EXPECT_EQ(server, ServerFeatures());

  const Slice shared = make_slices(claim_node({igb_port()}), {}).slices[0];
  learn(server, shared, shared);
  EXPECT_EQ(server, (ServerFeatures{
                        .shared_devices = true, .taints = std::nullopt, .counters = std::nullopt}));
  EXPECT_FALSE(is_proven(server, with_taint()));
}

TEST(Dropped, TaintsThatAreGoneAreNamed) {
  ServerFeatures server;
  Slice answer = with_taint();
  for (Device& device : answer.devices) device.taints.clear();
  EXPECT_THAT(learn(server, with_taint(), answer), ElementsAre("devices[].taints"));
  EXPECT_EQ(server,
            (ServerFeatures{.shared_devices = true, .taints = false, .counters = std::nullopt}));
}

TEST(Dropped, WithoutSharesOrPoliciesADeviceIsNotShared) {
  ServerFeatures server;
  Slice answer = with_taint();
  for (Device& device : answer.devices) {
    device.is_shared = false;
    for (auto& [name, capacity] : device.capacity) capacity.policy.reset();
  }
  EXPECT_THAT(
      learn(server, with_taint(), answer),
      ElementsAre("devices[].allowMultipleAllocations", "devices[].capacity[].requestPolicy"));
  EXPECT_EQ(server,
            (ServerFeatures{.shared_devices = false, .taints = true, .counters = std::nullopt}));

  answer = with_taint();
  for (auto& [name, capacity] : answer.devices[0].capacity) capacity.policy.reset();
  EXPECT_THAT(learn(server, with_taint(), answer),
              ElementsAre("devices[].capacity[].requestPolicy"));
  EXPECT_EQ(server.shared_devices, false);
}

TEST(Dropped, CountersThatAreGoneAreNamed) {
  const SliceSet sent =
      make_slices(claim_node({igb_port()}, {vf("0000:01:10.0", "0000:01:00.0")}), {});
  ASSERT_EQ(sent.slices.size(), 2u);
  ServerFeatures server;
  EXPECT_FALSE(is_proven(server, sent.slices[0]));
  Slice answer = sent.slices[0];
  EXPECT_THAT(learn(server, sent.slices[0], answer), IsEmpty());
  EXPECT_EQ(server.counters, true);
  answer.counters.clear();
  EXPECT_THAT(learn(server, sent.slices[0], answer), ElementsAre("sharedCounters"));
  EXPECT_EQ(server.counters, false);
  answer = sent.slices[1];
  for (Device& device : answer.devices) device.consumes.clear();
  EXPECT_THAT(learn(server, sent.slices[1], answer), ElementsAre("devices[].consumesCounters"));
  EXPECT_EQ(server.counters, false);
}

}  // namespace
}  // namespace sluice::dra
