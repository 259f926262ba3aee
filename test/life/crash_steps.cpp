// A process that dies before any request of ADD and DEL, and who comes after it.
#include <functional>

#include "test/life/steps.h"

namespace sluice {
namespace {

void add_and_del(Life& life) {
  static_cast<void>(life.add(life.rich_request()));
  static_cast<void>(life.del());
}

/// add_and_del() by a process that dies before its `nth` request; false where it makes fewer. What
/// it still does to the ledger is undone: it is dead.
bool dies_before(Life& life, int nth) {
  std::string ledger;
  life.hardware().die_before(nth, [&] { ledger = life.read_ledger(); });
  add_and_del(life);
  const bool died = life.hardware().is_dead();
  life.hardware().revive();
  if (died) life.write_ledger(ledger);
  life.restart();
  return died;
}

void for_every_death(Life& life, const std::function<void()>& after) {
  if (!life.hardware().die_before(0, {})) {
    life.outcome = Outcome::not_here;
    return;
  }
  int deaths = 0;
  for (int n = 1; dies_before(life, n); ++n) {
    ++deaths;
    SCOPED_TRACE("before request " + std::to_string(n));
    after();
    life.expect_baseline();
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GE(deaths, 2) << "an ADD and a DEL are two changes at least";
  life.expect_baseline();
}

void the_del_comes_after_a_death(Life& life) {
  for_every_death(life, [&] { EXPECT_THAT(life.del(), IsOk()); });
}

void recovery_comes_after_a_death(Life& life) {
  for_every_death(life, [&] {
    life.tend();
    EXPECT_THAT(life.lanes().recover(), IsOk());
    EXPECT_THAT(life.del(), IsOk());  // Of a lane whose ADD had answered.
  });
}

// As kubelet does it: the next pod's ADD before the DEL of the one before.
void the_next_add_comes_after_a_death(Life& life) {
  for_every_death(life, [&] {
    const LaneRequest next = life.request(0, "p2");
    Result<Lane> answer = life.add(next);
    if (!answer) {
      EXPECT_EQ(answer.error().code(), Code::busy) << answer.error().message();
      EXPECT_THAT(life.del("p1"), IsOk());
      answer = life.add(next);
    }
    EXPECT_THAT(answer, IsOk());
    if (answer) life.expect_in_force(next);
    EXPECT_THAT(life.del("p2"), IsOk());
  });
}

constexpr Step kSteps[] = {
    {"the_del_comes_after_a_death", the_del_comes_after_a_death},
    {"recovery_comes_after_a_death", recovery_comes_after_a_death},
    {"the_next_add_comes_after_a_death", the_next_add_comes_after_a_death},
};

}  // namespace

std::span<const Step> crash_steps() {
  return kSteps;
}

std::vector<Step> all_steps() {
  std::vector<Step> all;
  for (const auto part : {add_steps(), port_steps(), release_steps(), crash_steps()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace sluice
