// Grants whose claims the kubelet never unprepares.
#include "agent/claims/stale_grants.h"

#include "test/unit/agent/claims_world.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class StaleGrantsTest : public ClaimsWorld {
 protected:
  StaleGrantsTest() {
    prepare_here();
    start_looking(*kubernetes_);
  }

  void start_looking(Kubernetes& kubernetes) {
    stale_ = std::make_unique<StaleGrants>(
        StaleGrants::Parts{
            .book = book_,
            .ledger = ledger_,
            .turns = turns_,
            .kubernetes = kubernetes,
            .metrics = metrics_,
            .pod_resources = dir_ / "kubelet.sock",
            .proc = dir_ / "proc",
            .take_back = [this](const dra::ClaimRef& ref) { return claims_->unprepare(ref); }},
        Announcer(Log(output_, "claims"), kubernetes));
  }

  void prepare_here() {
    put_claim();
    ASSERT_THAT(handler().prepare(ref_), IsOk());
    ASSERT_THAT(grants(), SizeIs(1));
  }

  // A look `seconds` after the first one.
  void look(int seconds) {
    stale_->look({.driver = "sluice.dev", .node = "n"}, start_ + std::chrono::seconds(seconds));
  }

  void look_for_long() {
    for (const int second : {0, 30, 60, 90, 120}) look(second);
  }

  const StaleGrants::Clock::time_point start_ = StaleGrants::Clock::now();
  ClaimBook book_{
      {.sysfs = machine_.sysfs(), .ledger = ledger_, .aside = aside_, .config = config_}};
  Turns turns_;
  std::unique_ptr<StaleGrants> stale_;
};

TEST_F(StaleGrantsTest, K3_AClaimThatWasDeletedByForceIsTakenBack) {
  api_.erase(kClaimPath);
  look(0);
  look(30);
  look(60);
  EXPECT_THAT(grants(), SizeIs(1));
  look(90);
  expect_nothing_left();
  EXPECT_THAT(said_.str(), HasSubstr("took back a grant that the kubelet had not unprepared"));
  EXPECT_THAT(metrics_.text(), HasSubstr(R"(sluice_orphans_total{kind="grant"} 1)"));
}

TEST_F(StaleGrantsTest, AnotherClaimOfTheNameIsNotTheOneThatWasGranted) {
  const dra::ClaimRef old = ref_;
  api_.erase(kClaimPath);
  put_claim();
  ASSERT_NE(ref_.uid, old.uid);
  listed_.uids = {ref_.uid};  // Prepared, and its pod runs.
  look_for_long();
  EXPECT_THAT(grants(), IsEmpty());
}

TEST_F(StaleGrantsTest, AClaimThatIsNotAllocatedAnyMoreIsTakenBack) {
  nlohmann::json claim = api_.object(kClaimPath);
  claim["status"].erase("allocation");
  api_.put(kClaimPath, claim);
  look_for_long();
  expect_nothing_left();
}

TEST_F(StaleGrantsTest, AClaimThatIsAllocatedToAnotherNodeIsTakenBack) {
  nlohmann::json claim = api_.object(kClaimPath);
  for (auto& result : claim["status"]["allocation"]["devices"]["results"]) result["pool"] = "m";
  api_.put(kClaimPath, claim);
  look_for_long();
  expect_nothing_left();
}

TEST_F(StaleGrantsTest, AClaimThatIsAllocatedHereKeepsItsGrant) {
  look_for_long();
  EXPECT_THAT(grants(), SizeIs(1));
}

// No access to the API server: a question to it would be told as a failure.
TEST_F(StaleGrantsTest, OfAClaimThatTheKubeletListsTheApiServerIsNotAsked) {
  NoKubernetes unreachable;
  start_looking(unreachable);
  listed_.uids = {ref_.uid};
  look_for_long();
  EXPECT_THAT(grants(), SizeIs(1));
  EXPECT_THAT(said_.str(), Not(HasSubstr("it is not known which grants")));
  listed_.uids = {};
  look_for_long();
  EXPECT_THAT(grants(), SizeIs(1));
  EXPECT_THAT(said_.str(), HasSubstr("it is not known which grants"));
}

TEST_F(StaleGrantsTest, AClaimWithALaneKeepsItsGrant) {
  api_.erase(kClaimPath);
  {
    ASSERT_OK_AND_ASSIGN(LockedPort locked, ledger_.lock(kPort, std::chrono::seconds(5)));
    LaneRecord lane{.id = grants()[0].vfs[1].vf, .provider = "vf", .phase = Phase::attached};
    locked.record().lanes = {lane};
    ASSERT_THAT(locked.save(), IsOk());
  }
  look_for_long();
  EXPECT_THAT(grants(), SizeIs(1));
}

TEST_F(StaleGrantsTest, LanesOnTheHostsNetworkCountWhileTheirPodHasProcesses) {
  ASSERT_THAT(claims_->unprepare(ref_), IsOk());
  put_host_pod();
  prepare_here();
  ASSERT_THAT(recorded(), SizeIs(2));
  process_of(uid_of(kPodPath));
  api_.erase(kClaimPath);
  look_for_long();
  EXPECT_THAT(grants(), SizeIs(1));
  no_process();
  look_for_long();
  expect_nothing_left();
}

TEST_F(StaleGrantsTest, AnApiServerThatCannotBeAskedKeepsTheGrant) {
  api_.erase(kClaimPath);
  look(0);
  look(30);
  for (int i = 0; i < 3; ++i) api_.fail_next({.status = 403, .reason = "Forbidden"});
  look(60);
  look(90);
  look(120);
  EXPECT_THAT(grants(), SizeIs(1));
  EXPECT_THAT(said_.str(), HasSubstr("it is not known which grants claims still need"));
  look(150);  // From here on, it answers again.
  look(230);
  EXPECT_THAT(grants(), SizeIs(1));
  look(240);
  EXPECT_THAT(grants(), IsEmpty());
}

TEST_F(StaleGrantsTest, AnApiThatIsNotServedIsNoClaimThatIsGone) {
  for (int i = 0; i < 5; ++i) api_.fail_next({.status = 404, .reason = "NotFound"});
  look_for_long();
  EXPECT_THAT(grants(), SizeIs(1));
}

TEST_F(StaleGrantsTest, AKubeletThatCannotBeAskedKeepsTheGrant) {
  api_.erase(kClaimPath);
  look(0);
  listed_.fails = true;
  look(60);
  look(120);
  EXPECT_THAT(grants(), SizeIs(1));
  listed_.fails = false;
  look(150);  // The time begins again.
  EXPECT_THAT(grants(), SizeIs(1));
}

TEST_F(StaleGrantsTest, OneLookThatFindsItInUseBeginsAgain) {
  api_.erase(kClaimPath);
  look(0);
  listed_.uids = {ref_.uid};
  look(60);
  listed_.uids.clear();
  look(90);
  look(150);
  EXPECT_THAT(grants(), SizeIs(1));
  look(180);
  EXPECT_THAT(grants(), IsEmpty());
}

TEST_F(StaleGrantsTest, AClaimThatTheKubeletIsAtKeepsItsGrant) {
  api_.erase(kClaimPath);
  look(0);
  {
    const auto turn = turns_.take(ref_.uid, std::chrono::milliseconds(0));
    look(120);
  }
  EXPECT_THAT(grants(), SizeIs(1));
}

}  // namespace
}  // namespace sluice
