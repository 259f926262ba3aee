// What the plugin says of the character devices that containers get.
#include <gmock/gmock.h>

#include "test/unit/plugin/serving_world.h"

namespace sluice::plugin {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using Names = std::vector<std::string>;

constexpr const char* kFirst = "0000:3b:02.0";
constexpr const char* kSecond = "0000:3b:02.1";

class GivenNodes : public Serving {
 protected:
  void begin(Handover handover, std::vector<Device> devices) {
    settings().handover.handover = handover;
    Serving::begin(with(std::move(devices)));
  }

  static std::vector<Device> renumbered(std::vector<Device> devices) {
    devices[0].char_devices = {"uverbs9"};
    return devices;
  }

  const std::vector<Device> devices_ = devices_of_port("3b", 2);
};

TEST_F(GivenNodes, DeviceSpecsAreThoseOfTheAllocateWhateverComesLater) {
  begin(Handover::device_specs, devices_);
  EXPECT_THAT(given_nodes(kFirst), IsEmpty());
  ASSERT_THAT(kubelet->allocate(kGold, {{kFirst}}), IsOk());
  ASSERT_THAT(plugin->publish(with(renumbered(devices_))), IsOk());
  EXPECT_THAT(given_nodes(kFirst), ElementsAre(Names{"uverbs0"}));
  EXPECT_THAT(given_nodes(kSecond), IsEmpty());
}

TEST_F(GivenNodes, CdiNamesGiveWhatTheFileHas) {
  begin(Handover::cdi, devices_);
  EXPECT_THAT(given_nodes(kFirst), ElementsAre(Names{"uverbs0"}));
  ASSERT_THAT(kubelet->allocate(kGold, {{kFirst}}), IsOk());
  ASSERT_THAT(plugin->publish(with(renumbered(devices_))), IsOk());
  EXPECT_THAT(given_nodes(kFirst), ElementsAre(Names{"uverbs0"}, Names{"uverbs9"}));
  EXPECT_THAT(given_nodes(kSecond), ElementsAre(Names{"uverbs1"}));
}

TEST_F(GivenNodes, WhatCouldNotBeNotedIsToldAndTriedAgain) {
  on_nodes = [](const Device& device) {
    return device.id == kFirst ? Result<>(Error(Code::internal, "disk full")) : Result<>();
  };
  begin(Handover::cdi, devices_);
  EXPECT_EQ(count(Event::trouble, "disk full"), 1);
  on_nodes = {};
  ASSERT_THAT(plugin->publish(with(devices_)), IsOk());
  EXPECT_THAT(given_nodes(kFirst), ElementsAre(Names{"uverbs0"}, Names{"uverbs0"}));
  EXPECT_THAT(given_nodes(kSecond), ElementsAre(Names{"uverbs1"}));
}

}  // namespace
}  // namespace sluice::plugin
