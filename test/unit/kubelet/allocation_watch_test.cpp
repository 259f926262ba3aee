#include "pkg/kubelet/allocation_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/unit/plugin/serving_world.h"

namespace sluice::plugin {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class AllocationWatchTest : public Serving {
 protected:
  void SetUp() override { begin(with(devices_of_port("3b", 4))); }

  void TearDown() override { watch_.reset(); }

  /// Looks by itself so rarely that only a notice makes it look.
  void start_watch() {
    auto started = AllocationWatch::start({.socket = kubelet->pod_resources_socket(),
                                           .period = std::chrono::hours(1),
                                           .first_look = std::chrono::milliseconds(1),
                                           .limit = std::chrono::seconds(10)},
                                          {.answered =
                                               [this] {
                                                 const std::lock_guard lock(mutex_);
                                                 ++answers_;
                                               },
                                           .changed =
                                               [this](const Allocations::Change& change) {
                                                 const std::lock_guard lock(mutex_);
                                                 for (const PodDevice& device : change.taken) {
                                                   taken_.push_back(device.id);
                                                 }
                                                 for (const DeviceKey& device : change.released) {
                                                   released_.push_back(device.id);
                                                 }
                                               },
                                           .failed =
                                               [this](const Error& error) {
                                                 const std::lock_guard lock(mutex_);
                                                 failures_.push_back(error.message());
                                               }});
    ASSERT_THAT(started, IsOk());
    watch_ = *std::move(started);
  }

  template <typename T>
  T read(const T& list) const {
    const std::lock_guard lock(mutex_);
    return list;
  }

  using Strings = std::vector<std::string>;
  mutable std::mutex mutex_;  // Guards the four below.
  int answers_ = 0;
  Strings taken_;
  Strings released_;
  Strings failures_;
  std::unique_ptr<AllocationWatch> watch_;
};

TEST_F(AllocationWatchTest, SeesWhatPodsHoldAndWhenTheyEnd) {
  ASSERT_OK_AND_ASSIGN(const auto ids, kubelet->admit("ml/a", kGold, 2));
  start_watch();
  ASSERT_TRUE(kubelet->wait([&] { return read(taken_).size() == 2; }));
  EXPECT_THAT(read(taken_), UnorderedElementsAre(ids[0], ids[1]));

  kubelet->remove("ml/a");
  watch_->notice();

  EXPECT_TRUE(kubelet->wait([&] { return read(released_).size() == 2; }));
}

TEST_F(AllocationWatchTest, NothingOfADeviceIsRemovedThatIsBeingAllocated) {
  start_watch();
  const DeviceKey device{kGold, "0000:3b:02.0"};
  int removed = 0;
  EXPECT_TRUE(watch_->unless_held(device, [&] { ++removed; }));
  watch_->allocated(kGold, {device.id});
  EXPECT_FALSE(watch_->unless_held(device, [&] { ++removed; }));
  EXPECT_EQ(removed, 1);
}

TEST_F(AllocationWatchTest, LooksAgainSoonAfterAnAllocate) {
  start_watch();
  on_allocate = [this](const std::string& resource, const Strings& ids) -> Result<> {
    watch_->allocated(resource, ids);
    return {};
  };
  ASSERT_OK_AND_ASSIGN(const auto ids, kubelet->admit("ml/a", kGold, 1));
  EXPECT_TRUE(kubelet->wait([&] { return read(taken_) == ids; }));
  EXPECT_THAT(read(released_), IsEmpty());
}

TEST_F(AllocationWatchTest, SaysWhyItCouldNotAskAndAsksAgain) {
  ASSERT_OK_AND_ASSIGN(const auto ids, kubelet->admit("ml/a", kGold, 1));
  kubelet->exhaust_pod_resources(1);
  start_watch();
  EXPECT_TRUE(kubelet->wait([&] { return read(taken_) == ids; }));
  EXPECT_THAT(read(failures_), ElementsAre("list pod resources: rejected by rate limit "
                                           "(RESOURCE_EXHAUSTED)"));
}

TEST_F(AllocationWatchTest, NothingIsReleasedWhileTheKubeletIsDown) {
  ASSERT_OK_AND_ASSIGN(const auto ids, kubelet->admit("ml/a", kGold, 1));
  start_watch();
  ASSERT_TRUE(kubelet->wait([&] { return read(taken_) == ids; }));

  kubelet->stop();
  watch_->notice();
  ASSERT_TRUE(kubelet->wait([&] { return !read(failures_).empty(); }));
  kubelet->start();
  kubelet->remove("ml/a");
  watch_->notice();

  EXPECT_TRUE(kubelet->wait([&] { return read(released_) == ids; }));
  EXPECT_EQ(read(taken_).size(), 1U);
}

TEST_F(AllocationWatchTest, NothingIsReleasedWhileTheKubeletFindsItsPodsAgain) {
  ASSERT_OK_AND_ASSIGN(const auto ids, kubelet->admit("ml/a", kGold, 1));
  start_watch();
  ASSERT_TRUE(kubelet->wait([&] { return read(taken_) == ids; }));

  kubelet->restart_without_pods();
  const int answers = read(answers_);
  watch_->notice();
  ASSERT_TRUE(kubelet->wait([&] { return read(answers_) > answers; }));

  EXPECT_THAT(read(released_), IsEmpty());
  EXPECT_THAT(*watch_->held(), ElementsAre(DeviceKey{kGold, ids[0]}));
}

TEST_F(AllocationWatchTest, WhatPodsHoldIsUnknownBeforeAKubeletThatHasJustStarted) {
  ASSERT_OK_AND_ASSIGN(const auto ids, kubelet->admit("ml/a", kGold, 1));
  kubelet->restart_without_pods();
  start_watch();
  ASSERT_TRUE(kubelet->wait([&] { return read(answers_) > 0; }));
  EXPECT_EQ(watch_->held(), std::nullopt);
}

TEST_F(AllocationWatchTest, NamesPodAndContainer) {
  ASSERT_OK_AND_ASSIGN(const auto ids, kubelet->admit("ml/a", kGold, 1));
  PodResourcesClient asked(kubelet->pod_resources_socket());
  ASSERT_OK_AND_ASSIGN(const auto listed, asked.devices(std::chrono::seconds(10)));
  const PodDevice expected{.pod = "ml/a", .container = "main", .resource = kGold, .id = ids[0]};
  EXPECT_THAT(listed, ElementsAre(expected));
}

}  // namespace
}  // namespace sluice::plugin
