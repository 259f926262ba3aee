// Two instances of the plugin during an update: the kubelet may call either, and misses no device.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "pkg/kubelet/sockets.h"
#include "test/unit/plugin/plugin_world.h"

namespace sluice::plugin {
namespace {

using Registry = FakeKubelet::Registry;
using Release = FakeKubelet::Release;

class HandOver : public PluginWorld {
 protected:
  void begin(Registry registry, Release release = Release::v1_37) {
    use_kubelet(registry, release);
    kubelet->start();
    start_plugin(with(devices_of_port("3b", 2)));
    ASSERT_TRUE(kubelet->wait_healthy(kGold, 2));
  }

  /// The first instance hands over and the second one begins, as far as the kubelet knows both.
  void hand_over() {
    plugin->hand_over();
    first_ = std::move(plugin);
    const int before = kubelet->resource(kGold).registrations;
    start_plugin(with(devices_of_port("3b", 2)));
    ASSERT_TRUE(kubelet->wait([&] { return kubelet->resource(kGold).registrations > before; }));
    ASSERT_TRUE(kubelet->wait([&] { return plugin->is_registered(); }));
  }

  /// The kubelet's call of whichever instance it knows.
  auto allocate_soon() {
    return std::async(std::launch::async,
                      [this] { return kubelet->allocate(kGold, {{"0000:3b:02.1"}}); });
  }

  void answers_by_the_second(Registry registry) {
    begin(registry);
    plugin->hand_over();
    std::atomic<int> allocated = 0;
    on_allocate = [&](const auto&, const auto&) -> Result<> {
      ++allocated;
      return {};
    };
    auto early = allocate_soon();  // The second one is not there yet.
    first_ = std::move(plugin);
    start_plugin(with(devices_of_port("3b", 2)));
    ASSERT_OK_AND_ASSIGN(const auto given, early.get());
    ASSERT_EQ(given.size(), 1U);
    EXPECT_EQ(given[0].envs.at("PCIDEVICE_SLUICE_DEV_GOLD"), "0000:3b:02.1");
    EXPECT_EQ(allocated, 1);
  }

  std::unique_ptr<DevicePlugin> first_;
};

TEST_F(HandOver, AnAllocateUnderWayIsFinishedFirst) {
  std::promise<void> entered;
  std::promise<void> release;
  on_allocate = [&](const auto&, const auto&) -> Result<> {
    entered.set_value();
    release.get_future().wait();
    return {};
  };
  begin(Registry::watched);
  auto allocating = allocate_soon();
  entered.get_future().wait();
  auto handing_over = std::async(std::launch::async, [this] { plugin->hand_over(); });
  EXPECT_EQ(handing_over.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  release.set_value();
  handing_over.get();
  EXPECT_THAT(allocating.get(), IsOk());
}

TEST_F(HandOver, AnAllocateThatReachesTheFirstIsAnsweredByTheSecond) {
  answers_by_the_second(Registry::watched);
}

TEST_F(HandOver, AnAllocateThatReachesTheFirstIsAnsweredByTheSecondOnKubeletSock) {
  answers_by_the_second(Registry::absent);
}

TEST_F(HandOver, ARefusalOfTheSecondIsPassedOn) {
  begin(Registry::watched);
  plugin->hand_over();
  on_allocate = [](const auto&, const auto&) { return Result<>(Error(Code::busy, "not now")); };
  auto early = allocate_soon();
  first_ = std::move(plugin);
  start_plugin(with(devices_of_port("3b", 2)));
  EXPECT_THAT(early.get(), FailsWith(Code::busy, "not now"));
}

TEST_F(HandOver, NoDeviceIsMissedWhenTheFirstEnds) {
  begin(Registry::watched);
  hand_over();
  EXPECT_EQ(kubelet->healthy(kGold).size(), 2);
  first_.reset();
  EXPECT_EQ(kubelet->healthy(kGold).size(), 2);
  EXPECT_THAT(kubelet->admit("ns/pod", kGold, 2), IsOk());
}

// The retry that a loss has otherwise comes in an hour.
TEST_F(HandOver, AKubeletThatTakesTheFirstsEndForTheSecondsIsToldAtOnce) {
  begin(Registry::watched, Release::v1_36);
  hand_over();
  plugin->expect_loss();
  first_.reset();
  ASSERT_TRUE(kubelet->wait([&] { return kubelet->resource(kGold).registrations == 3; }));
  EXPECT_TRUE(kubelet->wait_healthy(kGold, 2));
  EXPECT_THAT(kubelet->admit("ns/pod", kGold, 2), IsOk());
}

TEST_F(HandOver, WhatTheKubeletHasNotTakenYetIsNotLeftForIt) {
  use_kubelet(Registry::watched, Release::v1_36);
  start_plugin(with(devices_of_port("3b", 2)));
  ASSERT_TRUE(kubelet->wait([&] { return count(Event::serving) == 1; }));
  plugin->hand_over();
  EXPECT_THAT(sockets_in(kubelet->registry()), testing::IsEmpty());
}

TEST_F(HandOver, OneThatHasHandedOverDoesNotRegisterAgain) {
  begin(Registry::watched);
  plugin->hand_over();
  kubelet->disconnect(kGold);
  first_ = std::move(plugin);
  start_plugin(with(devices_of_port("3b", 2)));
  ASSERT_TRUE(kubelet->wait_healthy(kGold, 2));
  EXPECT_EQ(kubelet->resource(kGold).registrations, 2);
}

TEST_F(HandOver, IsRegisteredOnceTheKubeletListensToEachClass) {
  use_kubelet(Registry::watched);
  plugin = started();
  ASSERT_NE(plugin, nullptr);
  EXPECT_FALSE(plugin->is_registered());
  ASSERT_THAT(plugin->publish(with(devices_of_port("3b", 2))), IsOk());
  EXPECT_FALSE(plugin->is_registered());  // The kubelet is not there yet.
  kubelet->start();
  EXPECT_TRUE(kubelet->wait([&] { return plugin->is_registered(); }));
}

class Sockets : public testing::Test {
 protected:
  std::string make(const std::string& of) const {
    std::string name = new_socket_name(of);
    dir.write(name, "");
    return dir / name;
  }

  /// The same, in a later tick of the clock that files are dated by.
  std::string make_later(const std::string& of) const {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return make(of);
  }

  const TempDir dir;
  const std::string text = "sluice.dev/gold";
};

TEST_F(Sockets, TheNewestIsThatOfTheSameTextMadeLater) {
  make(text);
  const MadeSocket ours = made_socket(make_later(text));
  EXPECT_EQ(newest_socket(dir.path(), text, ours), std::nullopt);
  const std::string second = make_later(text);
  make_later("sluice.dev/golden");
  make_later("sluice.dev/gold.x");
  EXPECT_EQ(newest_socket(dir.path(), text, ours), second);
  const std::string third = make_later(text);
  EXPECT_EQ(newest_socket(dir.path(), text, ours), third);
  EXPECT_EQ(newest_socket(dir / "none", text, ours), std::nullopt);
}

// A successor may begin within the tick in which its predecessor did.
TEST_F(Sockets, TheNewestMayBeAsOldAsTheOneBefore) {
  const std::string first = make(text);
  const std::string second = make_later(text);
  const MadeSocket ours{.path = first, .born_ns = made_socket(second).born_ns};
  EXPECT_EQ(newest_socket(dir.path(), text, ours), second);
}

TEST_F(Sockets, LongTextsThatBeginAlikeHaveTheirOwn) {
  const std::string beginning = "sluice.dev/" + std::string(50, 'a');
  const std::string made = make(beginning + "1");
  EXPECT_EQ(newest_socket(dir.path(), beginning + "2", {}), std::nullopt);
  EXPECT_EQ(newest_socket(dir.path(), beginning + "1", {}), made);
  EXPECT_LE(new_socket_name(beginning).size(), 54U);
}

}  // namespace
}  // namespace sluice::plugin
