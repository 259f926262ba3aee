// What happens to ports and VFs that lanes are on.
#include "test/life/steps.h"

namespace sluice {
namespace {

// Whether the event is to be had; else the step is left out.
bool here(Life& life, bool event) {
  if (!event) life.outcome = Outcome::not_here;
  return event;
}

// With all that the port does, and its link up in the pod.
LaneRequest attached(Life& life) {
  const LaneRequest wanted = life.rich_request();
  EXPECT_THAT(life.add(wanted), IsOk());
  life.expect_in_force(wanted);
  return wanted;
}

void ends_well(Life& life) {
  EXPECT_THAT(life.del(), IsOk());
  life.expect_baseline();
  life.expect_usable();
}

void carrier_goes_and_comes(Life& life) {
  const LaneRequest wanted = attached(life);
  if (testing::Test::HasFailure()) return;
  if (!here(life, life.hardware().lose_carrier())) return;
  life.tend();
  life.expect_invariants();
  life.hardware().restore_carrier(life.hardware().line_rate());
  life.tend();
  life.expect_in_force(wanted);
  ends_well(life);
}

// A lane is attached in full or not at all; that a port without carrier may answer "not ready".
void add_without_carrier(Life& life) {
  if (!here(life, life.hardware().lose_carrier())) return;
  for (const LaneRequest& wanted : {life.request(), life.rich_request()}) {
    const Result<Lane> answer = life.add(wanted);
    if (answer) {
      EXPECT_THAT(life.del(), IsOk());
    } else {
      EXPECT_EQ(answer.error().code(), Code::busy) << answer.error().message();
    }
    EXPECT_EQ(life.record().lanes.size(), 0U);
  }
  life.hardware().restore_carrier(life.hardware().line_rate());
  life.tend();
  life.expect_baseline();
  attached(life);
  ends_well(life);
}

void the_line_slows_down(Life& life) {
  const BitRate slower = life.hardware().slower();
  if (!here(life, !slower.is_zero())) return;
  LaneRequest wanted = life.request();
  wanted.ceiling = BitRate::bits_per_second(slower.as_bits_per_second() / 2);
  wanted.floor = BitRate::bits_per_second(slower.as_bits_per_second() / 2);
  ASSERT_THAT(life.add(wanted), IsOk());
  ASSERT_TRUE(life.hardware().lose_carrier());
  life.hardware().restore_carrier(slower);
  life.tend();
  life.expect_in_force(wanted);
  EXPECT_EQ(to_string(life.record().line_rate), to_string(slower));
  life.hardware().lose_carrier();
  life.hardware().restore_carrier(life.hardware().line_rate());
  life.tend();
  life.expect_in_force(wanted);
  ends_well(life);
}

// More is promised than the port carries now: nothing more is, and what is there stays.
void the_line_is_too_slow_for_its_promises(Life& life) {
  const BitRate slower = life.hardware().slower();
  if (!here(life, !slower.is_zero() && life.can().rates)) return;
  LaneRequest wanted = life.request();
  wanted.floor = life.hardware().line_rate().rounded_down(BitRate::mbps(50));
  ASSERT_THAT(life.add(wanted), IsOk());
  ASSERT_TRUE(life.hardware().lose_carrier());
  life.hardware().restore_carrier(slower);
  life.overpromised = true;
  life.tend();
  for (const std::uint64_t mbps : {50U, 0U}) {
    LaneRequest late = life.request(1, "p2");
    if (mbps > 0) late.floor = BitRate::mbps(mbps);
    EXPECT_THAT(life.add(late), FailsWith(Code::exhausted, ""));
    life.expect_baseline(1);
  }
  life.hardware().lose_carrier();
  life.hardware().restore_carrier(life.hardware().line_rate());
  life.overpromised = false;
  life.tend();
  life.expect_in_force(wanted);
  ends_well(life);
}

void the_port_resets(Life& life) {
  const LaneRequest wanted = attached(life);
  if (testing::Test::HasFailure()) return;
  if (!here(life, life.hardware().reset_port())) return;
  if (life.hardware().vfs_are_gone()) {
    EXPECT_THAT(life.del(), IsOk());
    EXPECT_EQ(life.record().lanes.size(), 0U);
    return;
  }
  life.tend();
  life.expect_in_force(wanted);
  ends_well(life);
}

void a_lone_floor_outlives_a_reset(Life& life) {
  if (!here(life, life.can().rates)) return;
  LaneRequest wanted = life.request();
  wanted.floor = life.floor();
  ASSERT_THAT(life.add(wanted), IsOk());
  if (!here(life, life.hardware().reset_port()) || life.hardware().vfs_are_gone()) return;
  life.tend();
  life.expect_in_force(wanted);
  ends_well(life);
}

void the_vf_resets(Life& life) {
  const LaneRequest wanted = attached(life);
  if (testing::Test::HasFailure()) return;
  if (!here(life, life.hardware().reset_vf(0))) return;
  life.tend();
  life.expect_in_force(wanted);
  ends_well(life);
}

void add_while_the_vf_resets(Life& life) {
  if (!here(life, life.hardware().reset_vf(0))) return;
  const LaneRequest wanted = life.rich_request();
  ASSERT_THAT(life.add(wanted), IsOk());
  life.expect_in_force(wanted);
  ends_well(life);
}

// Its link and RDMA device are made again, at home; the pod still wants them.
void the_vf_is_made_again(Life& life) {
  const LaneRequest wanted = attached(life);
  if (testing::Test::HasFailure()) return;
  if (!here(life, life.hardware().recreate_vf(0))) return;
  life.tend();
  life.expect_in_force(wanted);
  ends_well(life);
}

void the_vf_is_made_again_before_the_del(Life& life) {
  attached(life);
  if (testing::Test::HasFailure()) return;
  if (!here(life, life.hardware().recreate_vf(0))) return;
  ends_well(life);
}

constexpr Step kSteps[] = {
    {"carrier_goes_and_comes", carrier_goes_and_comes},
    {"add_without_carrier", add_without_carrier},
    {"the_line_slows_down", the_line_slows_down},
    {"the_line_is_too_slow_for_its_promises", the_line_is_too_slow_for_its_promises},
    {"the_port_resets", the_port_resets},
    {"a_lone_floor_outlives_a_reset", a_lone_floor_outlives_a_reset},
    {"the_vf_resets", the_vf_resets},
    {"add_while_the_vf_resets", add_while_the_vf_resets},
    {"the_vf_is_made_again", the_vf_is_made_again},
    {"the_vf_is_made_again_before_the_del", the_vf_is_made_again_before_the_del},
};

}  // namespace

std::span<const Step> port_steps() {
  return kSteps;
}

}  // namespace sluice
