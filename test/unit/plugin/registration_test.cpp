#include "plugin/registration.h"

#include <gtest/gtest.h>

namespace sluice::plugin {
namespace {

using std::chrono::milliseconds;

const Moment kNow{std::chrono::hours(1)};
const Moment kEarlier = kNow - milliseconds(1);
const Moment kLater = kNow + milliseconds(1);
const FileIdentity kKubelet{.device = 1, .inode = 2, .born_ns = 3};
const FileIdentity kNextKubelet{.device = 1, .inode = 2, .born_ns = 4};

Step legacy(const Standing& standing, std::optional<FileIdentity> kubelet = kKubelet) {
  return next_step(Mode::legacy, standing, kubelet, kNow);
}

Step registry(const Standing& standing) {
  return next_step(Mode::registry, standing, kKubelet, kNow);
}

TEST(NextStep, MakesTheSocketFirst) {
  EXPECT_EQ(legacy({.socket = Socket::none}), Step::serve);
  EXPECT_EQ(registry({.socket = Socket::none}), Step::serve);
}

TEST(NextStep, WaitsBeforeItTriesAFailedSocketAgain) {
  EXPECT_EQ(legacy({.socket = Socket::none, .next_try = kLater}), Step::wait);
  EXPECT_EQ(legacy({.socket = Socket::none, .next_try = kNow}), Step::serve);
}

TEST(NextStep, MakesAnewAtOnceASocketThatWasWiped) {
  EXPECT_EQ(legacy({.socket = Socket::lost, .streams = 1, .next_try = kLater}), Step::serve);
}

TEST(NextStep, D02_WaitsForAKubeletThatIsNotThere) {
  EXPECT_EQ(legacy({.socket = Socket::ours, .next_try = kEarlier}, std::nullopt), Step::wait);
}

TEST(NextStep, TellsEachKubeletAtOnce) {
  EXPECT_EQ(legacy({.socket = Socket::ours, .next_try = kLater}), Step::introduce);
  EXPECT_EQ(legacy({.socket = Socket::ours, .next_try = kLater, .told = kKubelet}, kNextKubelet),
            Step::introduce);
}

TEST(NextStep, LeavesAKubeletThatListensAlone) {
  const Standing listening{
      .socket = Socket::ours, .streams = 1, .next_try = kEarlier, .told = kKubelet};
  EXPECT_EQ(legacy(listening), Step::wait);
  EXPECT_EQ(registry(listening), Step::wait);
}

TEST(NextStep, ComesBackToAKubeletThatDoesNotListenWhenItIsTime) {
  EXPECT_EQ(legacy({.socket = Socket::ours, .next_try = kLater, .told = kKubelet}), Step::wait);
  EXPECT_EQ(legacy({.socket = Socket::ours, .next_try = kNow, .told = kKubelet}), Step::introduce);
  EXPECT_EQ(registry({.socket = Socket::ours, .next_try = kLater}), Step::wait);
  EXPECT_EQ(registry({.socket = Socket::ours, .next_try = kNow}), Step::serve);
}

class NoteStreams : public testing::Test {
 protected:
  NoteStreams() {
    static_cast<void>(backoff.next());
    note_streams(standing, backoff, 1, kNow);
  }

  Backoff backoff{{.first = milliseconds(100), .longest = milliseconds(1000)}};
  Standing standing{.socket = Socket::ours, .next_try = kEarlier};
};

TEST_F(NoteStreams, GivesAKubeletThatLeftTimeToComeBack) {
  EXPECT_EQ(standing.streams, 1U);
  EXPECT_EQ(standing.next_try, kEarlier);

  const Moment end = kNow + kStable;
  note_streams(standing, backoff, 0, end);
  EXPECT_EQ(standing.next_try, end + milliseconds(100));

  note_streams(standing, backoff, 0, end + milliseconds(50));
  EXPECT_EQ(standing.next_try, end + milliseconds(100));
}

TEST_F(NoteStreams, WaitsEverLongerWhileStreamsEndAsSoonAsTheyBegin) {
  note_streams(standing, backoff, 0, kNow);
  EXPECT_EQ(standing.next_try, kNow + milliseconds(200));
  note_streams(standing, backoff, 2, kNow);
  note_streams(standing, backoff, 0, kNow);
  EXPECT_EQ(standing.next_try, kNow + milliseconds(400));
}

}  // namespace
}  // namespace sluice::plugin
