// A resource that is no class, served beside the classes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/unit/plugin/serving_world.h"

namespace sluice::plugin {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kOther = "sluice.dev/other";

/// Two devices; the second is never given, and never starts.
class TwoDevices final : public Answers {
 public:
  std::vector<DeviceEntry> list() const override { return {{.id = "a"}, {.id = "b"}}; }

  Result<std::vector<std::string>> prefer(const PreferenceRequest& request) const override {
    return std::vector<std::string>{request.available.back()};
  }

  Result<std::vector<AllocateResponse>> allocate(
      const std::vector<std::vector<std::string>>& containers) override {
    std::vector<AllocateResponse> given;
    for (const auto& ids : containers) {
      if (ids.front() != "a") return Error(Code::not_found, "only a can be had");
      given.push_back({.env = {}, .nodes = {}, .cdi_devices = {"sluice.dev/other=a"}});
    }
    return given;
  }

  Result<> starts(const std::vector<std::string>& ids) override {
    return ids.front() == "a" ? Result<>() : Error(Code::busy, "only a starts");
  }
};

class OtherResource : public Serving {
 protected:
  void SetUp() override {
    begin(with(devices_of_port("3b", 2)));
    plugin->serve(kOther, std::make_shared<TwoDevices>());
    ASSERT_TRUE(kubelet->wait_healthy(kOther, 2));
  }
};

TEST_F(OtherResource, IsAnsweredByItsOwnAnswers) {
  EXPECT_THAT(kubelet->prefer(kOther, {"a", "b"}, {}, 1).value(), ElementsAre("b"));
  ASSERT_OK_AND_ASSIGN(const GivenContainer given, allocate({"a"}, kOther));
  EXPECT_THAT(given.cdi_devices, ElementsAre("sluice.dev/other=a"));
  EXPECT_THAT(given.envs, IsEmpty());
  EXPECT_THAT(allocate({"b"}, kOther), FailsWith(Code::not_found, "only a can be had"));
  EXPECT_THAT(kubelet->pre_start(kOther, {"a"}), IsOk());
  EXPECT_THAT(kubelet->pre_start(kOther, {"b"}), FailsWith(Code::busy, "only a starts"));
  EXPECT_EQ(count(Event::start_refused, "only a starts"), 1);
}

TEST_F(OtherResource, StaysWhateverBecomesOfTheClasses) {
  ASSERT_THAT(plugin->publish(with(std::vector<ClassDevices>())), IsOk());
  ASSERT_TRUE(kubelet->wait([&] { return kubelet->healthy(kGold).empty(); }));
  EXPECT_EQ(kubelet->healthy(kOther).size(), 2U);
  EXPECT_EQ(kubelet->resource(kOther).registrations, 1);
}

TEST_F(OtherResource, EndsWhenItIsWithdrawnAndTheClassesStay) {
  plugin->withdraw(kOther);
  ASSERT_TRUE(kubelet->wait([&] { return kubelet->healthy(kOther).empty(); }));
  EXPECT_EQ(kubelet->healthy(kGold).size(), 2U);
  EXPECT_EQ(kubelet->resource(kGold).registrations, 1);
  plugin->serve(kOther, std::make_shared<TwoDevices>());
  EXPECT_TRUE(kubelet->wait_healthy(kOther, 2));
}

TEST_F(OtherResource, CountsForBeingRegistered) {
  EXPECT_TRUE(plugin->is_registered());
  kubelet->stop();
  ASSERT_TRUE(kubelet->wait([&] { return !plugin->is_registered(); }));
  plugin->serve("sluice.dev/third", std::make_shared<TwoDevices>());
  EXPECT_FALSE(plugin->is_registered());
  kubelet->start();
  EXPECT_TRUE(kubelet->wait([&] { return plugin->is_registered(); }));
  EXPECT_TRUE(kubelet->wait_healthy("sluice.dev/third", 2));
}

TEST_F(OtherResource, IsAnsweredByTheInstanceThatTookOver) {
  plugin->hand_over();
  const std::unique_ptr<DevicePlugin> first = std::move(plugin);
  start_plugin(with(devices_of_port("3b", 2)));
  plugin->serve(kOther, std::make_shared<TwoDevices>());
  EXPECT_THAT(allocate({"a"}, kOther), IsOk());
  EXPECT_THAT(kubelet->pre_start(kOther, {"b"}), FailsWith(Code::busy, "only a starts"));
}

}  // namespace
}  // namespace sluice::plugin
