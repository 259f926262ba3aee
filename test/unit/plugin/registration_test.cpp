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

bool legacy(const RegistrationState& state, std::optional<FileIdentity> kubelet = kKubelet) {
  return must_register(Mode::legacy, state, kubelet, kNow);
}

bool registry(const RegistrationState& state) {
  return must_register(Mode::registry, state, kKubelet, kNow);
}

TEST(MustRegister, AtTheStart) {
  EXPECT_TRUE(legacy({}));
  EXPECT_TRUE(registry({}));
}

TEST(MustRegister, NotBeforeItIsTimeToTryAgain) {
  EXPECT_FALSE(legacy({.socket = Socket::none, .next_try = kLater, .told = kKubelet}));
  EXPECT_TRUE(legacy({.socket = Socket::none, .next_try = kNow, .told = kKubelet}));
  EXPECT_FALSE(registry({.socket = Socket::none, .next_try = kLater}));
  EXPECT_TRUE(registry({.socket = Socket::none, .next_try = kNow}));
}

TEST(MustRegister, AtOnceWhenTheSocketWasRemoved) {
  EXPECT_TRUE(legacy({.socket = Socket::lost, .streams = 1, .next_try = kLater, .told = kKubelet}));
  EXPECT_TRUE(registry({.socket = Socket::lost, .streams = 1, .next_try = kLater}));
}

TEST(MustRegister, D02_NotWithAKubeletThatIsNotThere) {
  EXPECT_FALSE(legacy({.socket = Socket::ours, .next_try = kEarlier}, std::nullopt));
  EXPECT_FALSE(legacy({.socket = Socket::lost, .next_try = kEarlier}, std::nullopt));
}

TEST(MustRegister, WithEachKubeletAtOnce) {
  EXPECT_TRUE(legacy({.socket = Socket::ours, .next_try = kLater}));
  EXPECT_TRUE(legacy({.socket = Socket::ours, .next_try = kLater, .told = kKubelet}, kNextKubelet));
}

TEST(MustRegister, NotWhileTheKubeletListens) {
  const RegistrationState listening{
      .socket = Socket::ours, .streams = 1, .next_try = kEarlier, .told = kKubelet};
  EXPECT_FALSE(legacy(listening));
  EXPECT_FALSE(registry(listening));
}

TEST(MustRegister, WithAKubeletThatDoesNotListenWhenItIsTime) {
  EXPECT_FALSE(legacy({.socket = Socket::ours, .next_try = kLater, .told = kKubelet}));
  EXPECT_TRUE(legacy({.socket = Socket::ours, .next_try = kNow, .told = kKubelet}));
  EXPECT_FALSE(registry({.socket = Socket::ours, .next_try = kLater}));
  EXPECT_TRUE(registry({.socket = Socket::ours, .next_try = kNow}));
}

class NoteStreams : public testing::Test {
 protected:
  NoteStreams() {
    static_cast<void>(backoff.next());
    note_streams(state, backoff, 1, kNow);
  }

  Backoff backoff{{.first = milliseconds(100), .longest = milliseconds(1000)}};
  RegistrationState state{.socket = Socket::ours, .next_try = kEarlier};
};

TEST_F(NoteStreams, GivesAKubeletThatLeftTimeToComeBack) {
  EXPECT_EQ(state.streams, 1U);
  EXPECT_EQ(state.next_try, kEarlier);

  const Moment end = kNow + kStable;
  note_streams(state, backoff, 0, end);
  EXPECT_EQ(state.next_try, end + milliseconds(100));

  note_streams(state, backoff, 0, end + milliseconds(50));
  EXPECT_EQ(state.next_try, end + milliseconds(100));
}

TEST_F(NoteStreams, WaitsEverLongerWhileStreamsEndAsSoonAsTheyBegin) {
  note_streams(state, backoff, 0, kNow);
  EXPECT_EQ(state.next_try, kNow + milliseconds(200));
  note_streams(state, backoff, 2, kNow);
  note_streams(state, backoff, 0, kNow);
  EXPECT_EQ(state.next_try, kNow + milliseconds(400));
}

}  // namespace
}  // namespace sluice::plugin
