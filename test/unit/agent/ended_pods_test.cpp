// Grants of annotated pods that have ended.
#include "agent/pods/ended_pods.h"

#include "test/unit/agent/pods_world.h"

namespace sluice {
namespace {

using std::chrono::seconds;
using testing::IsEmpty;
using testing::SizeIs;

class EndedPodsTest : public PodsWorld {
 protected:
  EndedPodsTest() {
    put_papers_pod("[{}, {}]");
    EXPECT_THAT(lanes_of(), IsOk());
    pods_->hand_over();  // Its own looks are over: the tests have the clock.
  }

  // How the pod stands by the API server.
  bool has_ended(const Grant& grant) {
    ++asked_;
    EXPECT_EQ(grant.name, "ml/trainer");
    return ended_;
  }

  void look(int second) { pods_look_.look(start_ + seconds(second)); }

  bool is_released(int second) {
    look(second);
    return grants().empty();
  }

  void attach() { record_lanes_of(grants().at(0)); }

  void detach() {
    const Grant grant = grants().at(0);
    for (const GrantedVf& granted : grant.vfs) forget_lane(granted);
  }

  const EndedPods::Clock::time_point start_ = EndedPods::Clock::now();
  bool ended_ = true;
  int asked_ = 0;
  int freed_ = 0;
  Turns turns_;
  PodBook book_{{.sysfs = sysfs_, .ledger = ledger_, .aside = aside_, .config = config_}};
  EndedPods pods_look_{
      {.book = book_,
       .ledger = ledger_,
       .turns = turns_,
       .has_ended = [this](const Grant& grant) -> Result<bool> { return has_ended(grant); },
       .released = [this] { ++freed_; }},
      Announcer(Log(output_, "pods"), *kubernetes_)};
};

TEST_F(EndedPodsTest, AGrantStaysWhileALaneIsThereWhateverTheServerSays) {
  attach();
  for (const int second : {0, 1, 40, 80}) EXPECT_FALSE(is_released(second));
  EXPECT_EQ(asked_, 0);
}

TEST_F(EndedPodsTest, TheGrantGoesAsSoonAsTheLastLaneHasGoneHome) {
  attach();
  look(0);
  forget_lane(grants().at(0).vfs.at(0));
  EXPECT_FALSE(is_released(1)) << "another lane is there";
  detach();
  EXPECT_TRUE(is_released(2));
  EXPECT_EQ(freed_, 1);
}

TEST_F(EndedPodsTest, ASandboxThatIsMadeAgainKeepsItsGrant) {
  ended_ = false;
  attach();
  look(0);
  detach();
  for (const int second : {1, 2, 3, 60}) EXPECT_FALSE(is_released(second));
  attach();
  EXPECT_FALSE(is_released(61));
}

TEST_F(EndedPodsTest, TheServerIsAskedAgainSoonForItHearsOfTheEndLater) {
  attach();
  look(0);
  detach();
  ended_ = false;
  look(1);
  EXPECT_EQ(asked_, 1);
  ended_ = true;
  EXPECT_TRUE(is_released(2));
}

TEST_F(EndedPodsTest, TheServerIsAskedLessAndLess) {
  ended_ = false;
  attach();
  look(0);
  detach();
  for (int second = 1; second <= 300; ++second) look(second);
  EXPECT_GE(asked_, 10);
  EXPECT_LE(asked_, 20);
}

TEST_F(EndedPodsTest, APodWhoseSandboxIsBeingMadeIsLeftInPeace) {
  look(0);
  look(29);
  EXPECT_EQ(asked_, 0);
  EXPECT_TRUE(is_released(30)) << "it never came";
}

TEST_F(EndedPodsTest, WhatCannotBeAskedKeepsTheGrant) {
  EndedPods blind({.book = book_,
                   .ledger = ledger_,
                   .turns = turns_,
                   .has_ended = [](const Grant&) -> Result<bool> {
                     return Error(Code::busy, "the server does not answer");
                   },
                   .released = [] {}},
                  Announcer(Log(output_, "pods"), *kubernetes_));
  blind.look(start_);
  blind.look(start_ + seconds(30));
  EXPECT_THAT(grants(), SizeIs(1));
  EXPECT_THAT(said_.str(), testing::HasSubstr("it is not known which grants annotated pods still"));
}

TEST_F(EndedPodsTest, ACallForThePodComesFirst) {
  const auto turn = turns_.take(grants().at(0).uid, seconds(0));
  look(0);
  EXPECT_FALSE(is_released(30));
  EXPECT_EQ(asked_, 0);
}

// By the API server.
class HasEnded : public PodsWorld {
 protected:
  HasEnded() {
    put_papers_pod("[{}]");
    EXPECT_THAT(lanes_of(), IsOk());
    grant_ = grants().at(0);
  }

  bool ended() {
    const Result<bool> ended = has_ended(*kubernetes_->api(), grant_, "sluice.dev");
    EXPECT_THAT(ended, IsOk());
    return ended && *ended;
  }

  void change_pod(const std::function<void(nlohmann::json&)>& change) {
    nlohmann::json pod = api_.object(kPodPath);
    change(pod);
    api_.put(kPodPath, pod);
  }

  Grant grant_;
};

TEST_F(HasEnded, APodThatRunsHasNot) {
  EXPECT_FALSE(ended());
  change_pod([](nlohmann::json& pod) { pod["status"]["phase"] = "Running"; });
  EXPECT_FALSE(ended());
}

TEST_F(HasEnded, APodThatIsGoneHas) {
  api_.erase(kPodPath);
  EXPECT_TRUE(ended());
}

TEST_F(HasEnded, APodThatAnotherHasReplacedHas) {
  api_.erase(kPodPath);
  put_papers_pod("[{}]");
  EXPECT_TRUE(ended());
}

TEST_F(HasEnded, AFinishedPodHas) {
  for (const char* const phase : {"Succeeded", "Failed"}) {
    change_pod([&](nlohmann::json& pod) { pod["status"]["phase"] = phase; });
    EXPECT_TRUE(ended()) << phase;
  }
}

TEST_F(HasEnded, APodThatIsBeingDeletedHas) {
  change_pod(
      [](nlohmann::json& pod) { pod["metadata"]["deletionTimestamp"] = "2026-11-30T10:00:00Z"; });
  EXPECT_TRUE(ended());
}

TEST_F(HasEnded, AStaticPodHasNotWhileItsMirrorIsThere) {
  change_pod([](nlohmann::json& pod) {
    pod["metadata"]["annotations"]["kubernetes.io/config.mirror"] = "static-1";
  });
  grant_.pod_uid = "static-1";
  EXPECT_FALSE(ended());
}

TEST_F(HasEnded, AServerThatDoesNotKnowIsNoAnswer) {
  api_.fail_next({.status = 404, .reason = "NotFound", .path = "/pods/trainer"});
  EXPECT_THAT(has_ended(*kubernetes_->api(), grant_, "sluice.dev"), FailsWith(Code::not_found, ""));
}

// The whole front end: its worker looks when it is woken. It may miss a lane that stays for an
// instant, and would ask half a minute later then; so the lane comes again.
TEST_F(HasEnded, TheGrantIsTakenBackByTheFrontEnd) {
  change_pod([](nlohmann::json& pod) { pod["status"]["phase"] = "Succeeded"; });
  EXPECT_TRUE(eventually([&] {
    record_lanes_of(grant_);
    pods_->notice_lanes();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    forget_lane(grant_.vfs.at(0));
    pods_->notice_lanes();
    return grants().empty();
  }));
  EXPECT_THAT(said_.str(), testing::HasSubstr("took back the grant of a pod that has ended"));
}

}  // namespace
}  // namespace sluice
