// How the plugin comes to the kubelet and comes back to it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/fs/file_identity.h"
#include "test/unit/plugin/plugin_world.h"

namespace sluice::plugin {
namespace {

using Registry = FakeKubelet::Registry;
using testing::ElementsAre;

class Registering : public PluginWorld {};

SnapshotPtr two_classes() {
  return std::make_shared<const Snapshot>(Snapshot{
      .classes = {{.resource = "sluice.dev/gold", .devices = devices_of_port("3b", 2)},
                  {.resource = "sluice.dev/bronze", .devices = devices_of_port("86", 3)}}});
}

TEST_F(Registering, D01_ByOneSocketForEachResourceWhereTheKubeletWatchesForThem) {
  use_kubelet(Registry::watched);
  kubelet->start();
  start_plugin(two_classes());

  EXPECT_TRUE(kubelet->wait_healthy(kGold, 2));
  EXPECT_TRUE(kubelet->wait_healthy(kBronze, 3));
  EXPECT_THAT(sockets_in(kubelet->registry()),
              ElementsAre("sluice.dev_bronze.sock", "sluice.dev_gold.sock"));
  EXPECT_EQ(kubelet->resource(kGold).endpoint, kubelet->registry() + "/sluice.dev_gold.sock");
  EXPECT_TRUE(kubelet->wait([&] { return count(Event::registered) == 2; }));
}

TEST_F(Registering, D01_IsTriedAgainByTheKubeletAfterARefusal) {
  use_kubelet(Registry::watched);
  kubelet->refuse(2);
  kubelet->start();
  start_plugin(two_classes());

  EXPECT_TRUE(kubelet->wait_healthy(kGold, 2));
  EXPECT_TRUE(kubelet->wait_healthy(kBronze, 3));
  EXPECT_EQ(count(Event::registration_failed, "the kubelet refused: refused by the test"), 2);
}

TEST_F(Registering, D01_IsTriedAgainWithANewSocketWhenTheKubeletDoesNot) {
  use_kubelet(Registry::watched);
  settings().patience.registry = {std::chrono::milliseconds(100), std::chrono::seconds(5)};
  kubelet->refuse(2, FakeKubelet::Repeats::no);
  kubelet->start();
  start_plugin(with(devices_of_port("3b", 2)));

  EXPECT_TRUE(kubelet->wait_healthy(kGold, 2));
}

TEST_F(Registering, D02_WaitsForAKubeletThatIsNotThereYet) {
  use_kubelet(Registry::absent);
  start_plugin(with(devices_of_port("3b", 2)));
  ASSERT_TRUE(kubelet->wait([&] { return count(Event::serving) == 1; }));

  kubelet->start();

  EXPECT_TRUE(kubelet->wait_healthy(kGold, 2));
  EXPECT_EQ(kubelet->resource(kGold).endpoint, kubelet->device_plugins() + "/sluice.dev_gold.sock");
  EXPECT_EQ(kubelet->resource(kGold).registrations, 1);
}

TEST_F(Registering, D02_WaitsForADirectoryThatIsNotThereYet) {
  start_plugin(with(devices_of_port("3b", 2)));

  use_kubelet(Registry::absent);
  kubelet->start();

  EXPECT_TRUE(kubelet->wait_healthy(kGold, 2));
}

TEST_F(Registering, IsRepeatedAfterARefusalOnKubeletSock) {
  use_kubelet(Registry::absent);
  kubelet->refuse(3);
  kubelet->start();
  start_plugin(with(devices_of_port("3b", 2)));

  EXPECT_TRUE(kubelet->wait_healthy(kGold, 2));
  EXPECT_EQ(count(Event::registration_failed, "register: refused by the test (UNKNOWN)"), 3);
}

TEST_F(Registering, D03_FollowsARestartOfTheKubeletAtOnce) {
  use_kubelet(Registry::absent);
  kubelet->start();
  start_plugin(two_classes());
  ASSERT_TRUE(kubelet->wait_healthy(kGold, 2) && kubelet->wait_healthy(kBronze, 3));

  for (int round = 0; round < 3; ++round) {
    kubelet->restart();

    ASSERT_TRUE(kubelet->wait_healthy(kGold, 2)) << round;
    ASSERT_TRUE(kubelet->wait_healthy(kBronze, 3)) << round;
  }
  EXPECT_THAT(sockets_in(kubelet->device_plugins()),
              ElementsAre("kubelet.sock", "sluice.dev_bronze.sock", "sluice.dev_gold.sock"));
}

TEST_F(Registering, D03_NeedsNothingOfUsWhereTheKubeletWatchesForSockets) {
  use_kubelet(Registry::watched);
  kubelet->start();
  start_plugin(with(devices_of_port("3b", 2)));
  ASSERT_TRUE(kubelet->wait_healthy(kGold, 2));
  const auto socket = identity_of(kubelet->registry() + "/sluice.dev_gold.sock");

  kubelet->restart();

  ASSERT_TRUE(kubelet->wait_healthy(kGold, 2));
  EXPECT_EQ(*identity_of(kubelet->registry() + "/sluice.dev_gold.sock"), *socket);
}

TEST_F(Registering, IsRepeatedWhenTheKubeletDropsTheResource) {
  use_kubelet(Registry::absent);
  kubelet->start();
  start_plugin(with(devices_of_port("3b", 2)));
  ASSERT_TRUE(kubelet->wait_healthy(kGold, 2));

  kubelet->disconnect(kGold);

  EXPECT_TRUE(kubelet->wait([&] { return kubelet->resource(kGold).registrations > 1; }));
  EXPECT_TRUE(kubelet->wait_healthy(kGold, 2));
}

TEST_F(Registering, MakesASocketAnewThatSomebodyRemoved) {
  use_kubelet(Registry::watched);
  kubelet->start();
  start_plugin(with(devices_of_port("3b", 2)));
  ASSERT_TRUE(kubelet->wait_healthy(kGold, 2));

  std::filesystem::remove(kubelet->registry() + "/sluice.dev_gold.sock");

  EXPECT_TRUE(kubelet->wait([&] { return kubelet->resource(kGold).registrations > 1; }));
  EXPECT_TRUE(kubelet->wait_healthy(kGold, 2));
}

TEST_F(Registering, RegistersAClassThatHasNoDevices) {
  use_kubelet(Registry::watched);
  kubelet->start();
  start_plugin(with(std::vector<Device>()));

  EXPECT_TRUE(kubelet->wait([&] { return kubelet->resource(kGold).lists > 0; }));
  EXPECT_TRUE(kubelet->resource(kGold).devices.empty());
}

TEST_F(Registering, BeginsAndEndsWithTheClassesThatArePublished) {
  use_kubelet(Registry::watched);
  kubelet->start();
  start_plugin(two_classes());
  ASSERT_TRUE(kubelet->wait_healthy(kGold, 2) && kubelet->wait_healthy(kBronze, 3));

  ASSERT_THAT(plugin->publish(with(devices_of_port("3b", 1))), IsOk());

  EXPECT_TRUE(kubelet->wait([&] { return !kubelet->resource(kBronze).connected; }));
  EXPECT_TRUE(kubelet->wait([&] { return sockets_in(kubelet->registry()).size() == 1; }));
  EXPECT_TRUE(kubelet->wait_healthy(kGold, 1));
  EXPECT_EQ(kubelet->resource(kGold).registrations, 1);

  ASSERT_THAT(plugin->publish(two_classes()), IsOk());
  EXPECT_TRUE(kubelet->wait_healthy(kBronze, 3));
}

TEST_F(Registering, EndsWithItsSocketsWhenThePluginEnds) {
  use_kubelet(Registry::watched);
  kubelet->start();
  start_plugin(two_classes());
  ASSERT_TRUE(kubelet->wait_healthy(kGold, 2) && kubelet->wait_healthy(kBronze, 3));

  plugin.reset();

  EXPECT_TRUE(sockets_in(kubelet->registry()).empty());
  EXPECT_TRUE(kubelet->wait([&] { return !kubelet->resource(kGold).connected; }));
}

TEST_F(Registering, SaysWhyASocketCannotBeMade) {
  use_kubelet(Registry::watched);
  settings().patience.registry = {std::chrono::milliseconds(100), std::chrono::seconds(5)};
  directory.write("plugins_registry/sluice.dev_gold.sock", "a file");
  kubelet->start();
  start_plugin(with(devices_of_port("3b", 1)));

  EXPECT_TRUE(kubelet->wait(
      [&] { return count(Event::registration_failed, "is there and is no socket") > 0; }));
  std::filesystem::remove(kubelet->registry() + "/sluice.dev_gold.sock");
  EXPECT_TRUE(kubelet->wait_healthy(kGold, 1));
}

}  // namespace
}  // namespace sluice::plugin
