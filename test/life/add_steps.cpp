// Lanes with no, one and all settings on a port that is well.
#include "test/life/steps.h"

namespace sluice {
namespace {

void provision(Life& life) {
  const std::string first = life.provision();
  EXPECT_THAT(first, testing::Not(testing::HasSubstr("FAILED")));
  EXPECT_THAT(life.provision(), testing::HasSubstr("failed 0")) << "the second time";
  for (int vf = 0; vf < Hardware::kVfs; ++vf) life.expect_baseline(vf);
  life.expect_usable(3);
}

void lives(Life& life, const LaneRequest& wanted) {
  ASSERT_THAT(life.add(wanted), IsOk());
  life.expect_in_force(wanted);
  EXPECT_THAT(life.del(), IsOk());
  life.expect_baseline();
  life.expect_usable();
}

// What a port cannot do is refused; a value that it has anyway may be taken.
void lives_or_is_refused(Life& life, const LaneRequest& wanted, bool able) {
  if (able) return lives(life, wanted);
  const Result<Lane> answer = life.add(wanted);
  if (!answer) return life.expect_refusal(answer);
  life.expect_in_force(wanted);
  EXPECT_THAT(life.del(), IsOk());
  life.expect_baseline();
}

void add_plain(Life& life) {
  lives(life, life.request());
}

void add_with_mac(Life& life) {
  LaneRequest wanted = life.request();
  wanted.settings.mac = MacAddress({2, 0xaa, 0, 0, 0, 1});
  lives_or_is_refused(life, wanted, life.can().mac);
}

void add_with_own_mac(Life& life) {
  LaneRequest wanted = life.request();
  wanted.settings.mac = MacAddress({2, 0, 0, 0, 0, 0});
  lives_or_is_refused(life, wanted, life.can().mac);
}

void add_with_vlan(Life& life) {
  LaneRequest wanted = life.request();
  wanted.settings.vlan = VlanTag{.id = 100, .qos = 3};
  lives_or_is_refused(life, wanted, life.can().vlan);
}

void add_without_spoofchk(Life& life) {
  LaneRequest wanted = life.request();
  wanted.settings.spoofchk = false;
  lives_or_is_refused(life, wanted, life.can().spoofchk);
}

void add_with_spoofchk(Life& life) {
  LaneRequest wanted = life.request();
  wanted.settings.spoofchk = true;
  lives_or_is_refused(life, wanted, life.can().spoofchk);
}

void add_with_trust(Life& life) {
  LaneRequest wanted = life.request();
  wanted.settings.trust = true;
  lives_or_is_refused(life, wanted, life.can().trust);
}

void add_with_link_state(Life& life) {
  LaneRequest wanted = life.request();
  wanted.settings.link_state = VfLinkState::enable;
  lives_or_is_refused(life, wanted, life.can().link_state);
}

void add_with_mtu(Life& life) {
  LaneRequest wanted = life.request();
  wanted.mtu = 2000;
  lives(life, wanted);
}

void add_with_floor(Life& life) {
  LaneRequest wanted = life.request();
  wanted.floor = life.floor();
  lives_or_is_refused(life, wanted, life.can().rates);
}

void add_with_ceiling(Life& life) {
  LaneRequest wanted = life.request();
  wanted.ceiling = life.ceiling();
  lives_or_is_refused(life, wanted, life.can().rates);
}

void add_with_all(Life& life) {
  lives(life, life.rich_request());
}

// One pod's MAC, then another's, then none.
void macs_in_turn(Life& life) {
  if (!life.can().mac) {
    life.outcome = Outcome::not_here;
    return;
  }
  for (const std::uint8_t last : {std::uint8_t{1}, std::uint8_t{2}}) {
    LaneRequest wanted = life.request();
    wanted.settings.mac = MacAddress({2, 0xaa, 0, 0, 0, last});
    ASSERT_THAT(life.add(wanted), IsOk());
    life.expect_in_force(wanted);
    ASSERT_THAT(life.del(), IsOk());
    life.expect_baseline();
  }
  life.expect_usable();
}

// Two lanes with floors beside each other, a third that does not fit, and one that goes.
void floors_side_by_side(Life& life) {
  if (!life.can().rates) {
    life.outcome = Outcome::not_here;
    return;
  }
  LaneRequest first = life.request(0, "p1");
  LaneRequest second = life.request(1, "p2");
  first.floor = second.floor = life.ceiling() + life.ceiling();  // Two fifths.
  ASSERT_THAT(life.add(first), IsOk());
  ASSERT_THAT(life.add(second), IsOk());
  life.expect_in_force(first);
  life.expect_in_force(second);

  LaneRequest third = life.request(2, "p1");
  third.owner.ifname = "net2";
  third.floor = life.ceiling() + life.floor();
  EXPECT_THAT(life.add(third), FailsWith(Code::exhausted, "asked"));
  life.expect_baseline(2);

  EXPECT_THAT(life.del("p1"), IsOk());
  life.expect_baseline(0);
  life.expect_in_force(second);
  EXPECT_THAT(life.del("p2"), IsOk());
  life.expect_baseline(1);
}

constexpr Step kSteps[] = {
    {"provision", provision},
    {"add_plain", add_plain},
    {"add_with_mac", add_with_mac},
    {"add_with_own_mac", add_with_own_mac},
    {"add_with_vlan", add_with_vlan},
    {"add_without_spoofchk", add_without_spoofchk},
    {"add_with_spoofchk", add_with_spoofchk},
    {"add_with_trust", add_with_trust},
    {"add_with_link_state", add_with_link_state},
    {"add_with_mtu", add_with_mtu},
    {"add_with_floor", add_with_floor},
    {"add_with_ceiling", add_with_ceiling},
    {"add_with_all", add_with_all},
    {"macs_in_turn", macs_in_turn},
    {"floors_side_by_side", floors_side_by_side},
};

}  // namespace

std::span<const Step> add_steps() {
  return kSteps;
}

}  // namespace sluice
