#include "agent/lock_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr const char* kText = "has been locked for more than 10 s by process 4711 ('sluice')";

/// Two ports, and who has their locks.
class LockWatchTest : public testing::Test {
 protected:
  std::map<std::string, std::string> look(int second) {
    const auto holder_of = [this](const std::string& port) {
      const auto found = holders_.find(port);
      return found == holders_.end() ? std::nullopt : std::optional(found->second);
    };
    return watch_.look({"eth0", "eth1"}, holder_of, start_ + seconds(second));
  }

  const LockHolder attach_{.pid = 4711, .program = "sluice"};
  const LockHolder next_attach_{.pid = 4712, .program = "sluice"};
  const LockWatch::Clock::time_point start_ = LockWatch::Clock::now();
  std::map<std::string, LockHolder> holders_;
  LockWatch watch_;
};

TEST_F(LockWatchTest, APortThatOneProcessHasForLongIsLocked) {
  holders_["eth1"] = attach_;
  for (const int second : {0, 1, 9}) EXPECT_THAT(look(second), IsEmpty());
  EXPECT_THAT(look(10), ElementsAre(Pair("eth1", kText)));
  EXPECT_THAT(look(60), ElementsAre(Pair("eth1", kText))) << "the same text, so no news";
}

TEST_F(LockWatchTest, APortThatPodsComeToOneAfterTheOtherIsNot) {
  for (int second = 0; second < 30; ++second) {
    holders_["eth0"] = second % 2 == 0 ? attach_ : next_attach_;
    EXPECT_THAT(look(second), IsEmpty());
  }
}

TEST_F(LockWatchTest, APortThatWasFreeBetweenIsNot) {
  holders_["eth0"] = attach_;
  EXPECT_THAT(look(0), IsEmpty());
  holders_.clear();
  EXPECT_THAT(look(5), IsEmpty());
  holders_["eth0"] = attach_;
  EXPECT_THAT(look(11), IsEmpty());
}

TEST_F(LockWatchTest, AnotherLookIsDueWhileALockIsHeld) {
  holders_["eth0"] = attach_;
  look(0);
  EXPECT_TRUE(watch_.saw_some());
  holders_.clear();
  EXPECT_THAT(look(12), IsEmpty());
  EXPECT_FALSE(watch_.saw_some());
}

}  // namespace
}  // namespace sluice
