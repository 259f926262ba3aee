// An agent that dies before any request to the kernel while it makes lanes on the host's network,
// or takes them back; and what comes next.
#include <array>

#include "agent/claims/stale_grants.h"
#include "test/unit/agent/agent_death.h"
#include "test/unit/agent/claims_world.h"

namespace sluice {
namespace {

using testing::SizeIs;

/// What comes after the crash.
enum class Next { prepare, unprepare, nothing };

class ClaimsCrash : public ClaimsWorld, public testing::WithParamInterface<Next> {
 protected:
  static constexpr Rate kRate{BitRate::gbps(10), BitRate::gbps(20)};

  ClaimsCrash() {
    put_host_pod();
    put_claim("10G", {{"ceiling", "20G"}});
  }

  // Whether the call came to its `nth` request, and died there; the agent has started again then.
  bool dies(const std::function<void()>& call, int nth) {
    if (!dies_in(call, nth, machine_, dir_)) return false;
    start();
    EXPECT_THAT(lanes_->recover(), IsOk());  // As the repair loop does.
    return true;
  }

  void prepare_here() { static_cast<void>(handler().prepare(ref_)); }

  void expect_prepared() {
    ASSERT_THAT(grants(), SizeIs(1));
    ASSERT_THAT(recorded(), SizeIs(2));
    EXPECT_TRUE(has_cdi_file());
    for (const LaneRecord& lane : recorded()) EXPECT_EQ(lane.phase, Phase::attached);
    for (const int vf : {0, 1}) EXPECT_EQ(rate(vf), kRate);
  }

  // No rate without a lane, no lane without its grant.
  void expect_nothing_loose() {
    for (int vf = 0; vf < 4; ++vf) {
      const bool has_lane = std::ranges::any_of(recorded(), [&](const LaneRecord& lane) {
        return lane.id == FakeMachine::vf(vf).to_string();
      });
      EXPECT_TRUE(has_lane || rate(vf) == Rate()) << vf;
    }
    EXPECT_TRUE(!grants().empty() || recorded().empty());
  }

  // The kubelet never comes again: its state is gone, and so is the claim.
  void take_back_stale() {
    ClaimBook book(
        {.sysfs = machine_.sysfs(), .ledger = ledger_, .aside = aside_, .config = config_});
    Turns turns;
    StaleGrants stale({.book = book,
                       .ledger = ledger_,
                       .turns = turns,
                       .kubernetes = *kubernetes_,
                       .metrics = metrics_,
                       .pod_resources = dir_ / "kubelet.sock",
                       .proc = dir_ / "proc",
                       .take_back = [this](const auto& ref) { return claims_->unprepare(ref); }},
                      Announcer(Log(output_, "claims"), *kubernetes_));
    const nlohmann::json claim = api_.object(kClaimPath);
    api_.erase(kClaimPath);
    const auto now = StaleGrants::Clock::now();
    stale.look({.driver = "sluice.dev", .node = "n"}, now);
    stale.look({.driver = "sluice.dev", .node = "n"}, now + StaleGrants::kBetween);
    put_claim("10G", {{"ceiling", "20G"}});
  }

  void go_on() {
    expect_nothing_loose();
    switch (GetParam()) {
      case Next::prepare:
        prepare_here();
        expect_prepared();
        [[fallthrough]];
      case Next::unprepare: EXPECT_THAT(claims_->unprepare(ref_), IsOk()); break;
      case Next::nothing: take_back_stale(); break;
    }
    expect_nothing_left();
  }
};

TEST_P(ClaimsCrash, K1_WithinPrepare) {
  int deaths = 0;
  for (int nth = 1; dies([this] { prepare_here(); }, nth); ++nth, ++deaths) {
    SCOPED_TRACE(nth);
    go_on();
    if (HasFailure()) break;
  }
  EXPECT_GE(deaths, 8);
}

TEST_P(ClaimsCrash, K1_WithinUnprepare) {
  int deaths = 0;
  for (int nth = 1;; ++nth, ++deaths) {
    SCOPED_TRACE(nth);
    prepare_here();
    expect_prepared();
    if (HasFailure() || !dies([this] { static_cast<void>(claims_->unprepare(ref_)); }, nth)) break;
    go_on();
  }
  EXPECT_GE(deaths, 4);
}

std::string name_of(const testing::TestParamInfo<Next>& next) {
  constexpr std::array kNames = {"Prepare", "Unprepare", "Nothing"};
  return kNames.at(static_cast<std::size_t>(next.param));
}

INSTANTIATE_TEST_SUITE_P(Then, ClaimsCrash,
                         testing::Values(Next::prepare, Next::unprepare, Next::nothing), name_of);

}  // namespace
}  // namespace sluice
