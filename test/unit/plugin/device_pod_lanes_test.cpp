#include "plugin/device_pod_lanes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/unit/plugin/serving_world.h"

namespace sluice::plugin {
namespace {

using testing::ElementsAre;

PodDevice device(const std::string& container, const std::string& resource, const std::string& id) {
  return {.pod = "ml/web-0", .container = container, .resource = resource, .id = id};
}

PodLane lane(const std::string& vf, const std::string& class_name) {
  return {.vf = PciAddress::parse(vf).value(), .class_name = class_name, .ifname = {}};
}

TEST(LanesAmong, AreTheDevicesOfTheDomainByContainerClassAndAddress) {
  const auto lanes = lanes_among(
      {device("b", "sluice.dev/silver", "0000:3b:02.1"),
       device("b", "sluice.dev/gold", "0000:3b:02.3"), device("b", "nvidia.com/gpu", "GPU-1"),
       device("b", "sluice.dev/gold", "0000:3b:02.2"), device("a", "sluice.devil/gold", "x"),
       device("a", "sluice.dev/gold", "0000:3b:02.0")},
      "sluice.dev");
  ASSERT_THAT(lanes, IsOk());
  EXPECT_THAT(*lanes, ElementsAre(lane("0000:3b:02.2", "gold"), lane("0000:3b:02.3", "gold"),
                                  lane("0000:3b:02.1", "silver"), lane("0000:3b:02.0", "gold")));
}

TEST(LanesAmong, AVfThatTwoContainersShareIsOneLane) {
  const auto lanes = lanes_among({device("a", "sluice.dev/gold", "0000:3b:02.0"),
                                  device("b", "sluice.dev/gold", "0000:3b:02.0")},
                                 "sluice.dev");
  EXPECT_THAT(lanes.value(), ElementsAre(lane("0000:3b:02.0", "gold")));
}

TEST(LanesAmong, ATokenIsNoLane) {
  const auto lanes = lanes_among(
      {device("a", "sluice.dev/rdma", "token-17"), device("a", "sluice.dev/gold", "0000:3b:02.0")},
      "sluice.dev");
  EXPECT_THAT(lanes.value(), ElementsAre(lane("0000:3b:02.0", "gold")));
}

TEST(LanesAmong, ADeviceThatIsNoVfIsAnError) {
  EXPECT_THAT(lanes_among({device("a", "sluice.dev/gold", "gpu-1")}, "sluice.dev"),
              FailsWith(Code::internal, "device 'gpu-1' of sluice.dev/gold is no VF"));
}

class DevicePodLanesTest : public Serving {
 protected:
  void SetUp() override { begin(with(devices_of_port("3b", 4))); }

  DevicePodLanes pod_lanes(std::chrono::milliseconds timeout = std::chrono::seconds(30)) const {
    return DevicePodLanes({.socket = kubelet->pod_resources_socket(),
                           .checkpoint = directory / "checkpoint",
                           .limit = std::chrono::seconds(10),
                           .timeout = timeout});
  }
};

TEST_F(DevicePodLanesTest, AreThoseOfThePodAlone) {
  const std::vector<std::string> ids = kubelet->admit("ml/web-0", kGold, 2).value();
  ASSERT_THAT(kubelet->admit("ml/web-1", kGold, 1), IsOk());
  DevicePodLanes asked = pod_lanes();
  const auto lanes = asked.lanes_of({.name_space = "ml", .name = "web-0", .uid = {}});
  ASSERT_THAT(lanes, IsOk());
  std::vector<std::string> found;
  for (const PodLane& each : *lanes) {
    EXPECT_EQ(each.class_name, "gold");
    found.push_back(each.vf.to_string());
  }
  EXPECT_THAT(found, testing::UnorderedElementsAreArray(ids));
}

TEST_F(DevicePodLanesTest, DevicesOfInitContainersAreThoseOfTheCheckpoint) {
  const std::vector<std::string> ids = kubelet->admit("ml/web-0", kGold, 1).value();
  const std::string other = ids[0] == "0000:3b:02.3" ? "0000:3b:02.2" : "0000:3b:02.3";
  directory.write("checkpoint", fmt::format(R"({{"Data":{{"PodDeviceEntries":[
      {{"PodUID":"5f0c","ContainerName":"init","ResourceName":"sluice.dev/gold",
        "DeviceIDs":{{"0":["{}","{}"]}}}},
      {{"PodUID":"77aa","ContainerName":"init","ResourceName":"sluice.dev/gold",
        "DeviceIDs":{{"0":["0000:3b:02.0"]}}}}]}}}})",
                                            ids[0], other));
  DevicePodLanes asked = pod_lanes();
  const PodId pod{.name_space = "ml", .name = "web-0", .uid = "5f0c"};
  EXPECT_THAT(asked.lanes_of(pod).value(), ElementsAre(lane(ids[0], "gold"), lane(other, "gold")));
  EXPECT_THAT(asked.lanes_of({.name_space = "ml", .name = "web-0", .uid = {}}).value(),
              ElementsAre(lane(ids[0], "gold")));
  directory.write("checkpoint", "of another form");
  EXPECT_THAT(asked.lanes_of(pod).value(), ElementsAre(lane(ids[0], "gold")));
}

TEST_F(DevicePodLanesTest, APodThatIsNotListedIsBusy) {
  DevicePodLanes asked = pod_lanes(std::chrono::milliseconds(0));
  EXPECT_THAT(asked.lanes_of({.name_space = "ml", .name = "web-0", .uid = {}}),
              FailsWith(Code::busy, "the kubelet lists 0 pods 'ml/web-0', not one"));
}

TEST_F(DevicePodLanesTest, AsksNoMoreWhenItIsToStop) {
  std::stop_source stop;
  stop.request_stop();
  DevicePodLanes asked({.socket = kubelet->pod_resources_socket(),
                        .limit = std::chrono::seconds(10),
                        .timeout = std::chrono::hours(1),
                        .stop = stop.get_token()});
  EXPECT_THAT(asked.lanes_of({.name_space = "ml", .name = "web-0", .uid = {}}),
              FailsWith(Code::busy, "the kubelet lists 0 pods"));
}

TEST_F(DevicePodLanesTest, AsksAgainAKubeletThatWasAskedTooOften) {
  ASSERT_THAT(kubelet->admit("ml/web-0", kGold, 1), IsOk());
  kubelet->exhaust_pod_resources(2);
  DevicePodLanes asked = pod_lanes();
  EXPECT_THAT(asked.lanes_of({.name_space = "ml", .name = "web-0", .uid = {}}), IsOk());

  kubelet->exhaust_pod_resources(1);
  DevicePodLanes impatient = pod_lanes(std::chrono::milliseconds(0));
  EXPECT_THAT(impatient.lanes_of({.name_space = "ml", .name = "web-0", .uid = {}}),
              FailsWith(Code::busy, "RESOURCE_EXHAUSTED"));
}

TEST_F(DevicePodLanesTest, AsksAgainAKubeletThatWasTooSlow) {
  ASSERT_THAT(kubelet->admit("ml/web-0", kGold, 1), IsOk());
  kubelet->delay_pod_resources(2);
  DevicePodLanes asked = pod_lanes();
  EXPECT_THAT(asked.lanes_of({.name_space = "ml", .name = "web-0", .uid = {}}), IsOk());

  kubelet->delay_pod_resources(1);
  DevicePodLanes impatient = pod_lanes(std::chrono::milliseconds(0));
  EXPECT_THAT(impatient.lanes_of({.name_space = "ml", .name = "web-0", .uid = {}}),
              FailsWith(Code::busy, "DEADLINE_EXCEEDED"));
}

TEST_F(DevicePodLanesTest, WhatTheKubeletKnowsIsAllThatIsHealthyHeldOrNot) {
  ASSERT_THAT(kubelet->admit("ml/web-0", kGold, 1), IsOk());
  std::vector<Device> devices = devices_of_port("3b", 4);
  devices[2].unhealthy = "the port has no carrier";
  devices[3].withdrawn = true;
  ASSERT_THAT(plugin->publish(with(devices)), IsOk());
  ASSERT_TRUE(kubelet->wait_healthy(kGold, 2));
  PodResourcesClient asked(kubelet->pod_resources_socket());
  const auto known = asked.known_devices(std::chrono::seconds(10));
  ASSERT_THAT(known, IsOk());
  const KnownDevice first{.resource = kGold, .id = devices[0].id};
  const KnownDevice second{.resource = kGold, .id = devices[1].id};
  EXPECT_THAT(*known, testing::UnorderedElementsAre(first, second));

  kubelet->exhaust_pod_resources(1);
  EXPECT_THAT(asked.known_devices(std::chrono::seconds(10)),
              FailsWith(Code::exhausted, "list what is allocatable: rejected by rate limit"));
}

TEST_F(DevicePodLanesTest, AKubeletThatWasStartedAgainIsAskedAtOnce) {
  ASSERT_THAT(kubelet->admit("ml/web-0", kGold, 1), IsOk());
  DevicePodLanes asked = pod_lanes(std::chrono::milliseconds(0));
  const PodId pod{.name_space = "ml", .name = "web-0", .uid = {}};
  ASSERT_THAT(asked.lanes_of(pod), IsOk());
  kubelet->restart();
  EXPECT_THAT(asked.lanes_of(pod), IsOk());
  kubelet->stop();
  EXPECT_THAT(asked.lanes_of(pod), FailsWith(Code::busy, "list pod resources"));
  kubelet->start();
  EXPECT_THAT(asked.lanes_of(pod), IsOk());
}

TEST_F(DevicePodLanesTest, AKubeletThatDoesNotRunIsBusy) {
  kubelet->stop();
  DevicePodLanes asked = pod_lanes(std::chrono::milliseconds(0));
  EXPECT_THAT(asked.lanes_of({.name_space = "ml", .name = "web-0", .uid = {}}),
              FailsWith(Code::busy, "list pod resources"));
}

}  // namespace
}  // namespace sluice::plugin
