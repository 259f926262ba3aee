// How the plugin comes to the kubelet and comes back to it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/fs/file_identity.h"
#include "test/support/dead_socket.h"
#include "test/unit/plugin/plugin_world.h"

namespace sluice::plugin {
namespace {

using Registry = FakeKubelet::Registry;
using testing::ElementsAre;
using testing::StartsWith;

using Release = FakeKubelet::Release;

/// With kubelets of both kinds of rules.
class Registering : public PluginWorld, public testing::WithParamInterface<Release> {
 protected:
  void use_kubelet(Registry registry) { PluginWorld::use_kubelet(registry, GetParam()); }

  int registrations(const char* resource) const {
    return kubelet->resource(resource).registrations;
  }

  /// Where the kubelet finds gold.
  std::string endpoint() const { return kubelet->resource(kGold).endpoint; }

  /// As when an update starts the new pod before the old one ends.
  void stand_beside_another(Registry registry) {
    use_kubelet(registry);
    kubelet->start();
    start_plugin(with(devices_of_port("3b", 2)));
    ASSERT_TRUE(kubelet->wait_healthy(kGold, 2));
    std::unique_ptr<DevicePlugin> first = std::move(plugin);
    const std::string first_socket = endpoint();

    start_plugin(with(devices_of_port("3b", 2)));
    ASSERT_TRUE(kubelet->wait([&] { return registrations(kGold) == 2; }));
    EXPECT_TRUE(kubelet->wait([&] { return kubelet->resource(kGold).lists == 2; }));
    EXPECT_TRUE(std::filesystem::exists(first_socket));

    first.reset();
    EXPECT_FALSE(std::filesystem::exists(first_socket));
    EXPECT_EQ(kubelet->healthy(kGold).size(), 2);
    EXPECT_THAT(kubelet->admit("ns/pod", kGold, 1), IsOk());
    EXPECT_EQ(registrations(kGold), 2);
  }
};

INSTANTIATE_TEST_SUITE_P(Kubernetes, Registering, testing::Values(Release::v1_36, Release::v1_37),
                         [](const auto& tested) {
                           return tested.param == Release::v1_36 ? "v1_36" : "v1_37";
                         });

/// With a kubelet that knows more than one instance of a plugin.
class Overlapping : public Registering {};

INSTANTIATE_TEST_SUITE_P(Kubernetes, Overlapping, testing::Values(Release::v1_37),
                         [](const auto& /*tested*/) { return "v1_37"; });

DeviceSnapshotPtr two_classes() {
  return std::make_shared<const DeviceSnapshot>(DeviceSnapshot{
      .classes = {{.resource = "sluice.dev/gold", .devices = devices_of_port("3b", 2)},
                  {.resource = "sluice.dev/bronze", .devices = devices_of_port("86", 3)}}});
}

TEST_P(Registering, D01_ByOneSocketForEachResourceWhereTheKubeletWatchesForThem) {
  use_kubelet(Registry::watched);
  kubelet->start();
  start_plugin(two_classes());

  EXPECT_TRUE(kubelet->wait_healthy(kGold, 2));
  EXPECT_TRUE(kubelet->wait_healthy(kBronze, 3));
  EXPECT_THAT(sockets_in(kubelet->registry()),
              ElementsAre(StartsWith("sluice.dev_bronze."), StartsWith("sluice.dev_gold.")));
  EXPECT_THAT(endpoint(), StartsWith(kubelet->registry() + "/sluice.dev_gold."));
  EXPECT_TRUE(kubelet->wait([&] { return count(Event::registered) == 2; }));
}

TEST_P(Registering, D01_IsTriedAgainByTheKubeletAfterARefusal) {
  use_kubelet(Registry::watched);
  kubelet->refuse(2);
  kubelet->start();
  start_plugin(two_classes());

  EXPECT_TRUE(kubelet->wait_healthy(kGold, 2));
  EXPECT_TRUE(kubelet->wait_healthy(kBronze, 3));
  EXPECT_EQ(count(Event::registration_failed, "the kubelet refused: refused by the test"), 2);
}

TEST_P(Registering, D01_IsTriedAgainWithANewSocketWhenTheKubeletDoesNot) {
  use_kubelet(Registry::watched);
  settings().retries.registry = {std::chrono::milliseconds(100), std::chrono::seconds(5)};
  kubelet->refuse(2, FakeKubelet::Repeats::no);
  kubelet->start();
  start_plugin(with(devices_of_port("3b", 2)));

  EXPECT_TRUE(kubelet->wait_healthy(kGold, 2));
}

TEST_P(Registering, D02_WaitsForAKubeletThatIsNotThereYet) {
  use_kubelet(Registry::absent);
  start_plugin(with(devices_of_port("3b", 2)));
  EXPECT_EQ(count(Event::registration_failed), 0);

  kubelet->start();

  EXPECT_TRUE(kubelet->wait_healthy(kGold, 2));
  EXPECT_THAT(endpoint(), StartsWith(kubelet->device_plugins() + "/sluice.dev_gold."));
}

TEST_P(Registering, D02_WaitsForADirectoryThatIsNotThereYet) {
  start_plugin(with(devices_of_port("3b", 2)));

  use_kubelet(Registry::absent);
  kubelet->start();

  EXPECT_TRUE(kubelet->wait_healthy(kGold, 2));
}

TEST_P(Registering, IsRepeatedAfterARefusalOnKubeletSock) {
  use_kubelet(Registry::absent);
  kubelet->refuse(3);
  kubelet->start();
  start_plugin(with(devices_of_port("3b", 2)));

  EXPECT_TRUE(kubelet->wait_healthy(kGold, 2));
  EXPECT_EQ(count(Event::registration_failed, "register: refused by the test (UNKNOWN)"), 3);
}

TEST_P(Registering, D03_FollowsARestartOfTheKubeletAtOnce) {
  use_kubelet(Registry::absent);
  kubelet->start();
  start_plugin(two_classes());
  ASSERT_TRUE(kubelet->wait_healthy(kGold, 2) && kubelet->wait_healthy(kBronze, 3));

  for (int round = 0; round < 3; ++round) {
    kubelet->restart();

    ASSERT_TRUE(kubelet->wait_healthy(kGold, 2)) << round;
    ASSERT_TRUE(kubelet->wait_healthy(kBronze, 3)) << round;
  }
  // One that had just called the kubelet before is told of the next one, too, and makes another.
  EXPECT_TRUE(kubelet->wait([&] { return sockets_in(kubelet->device_plugins()).size() == 3; }));
  EXPECT_THAT(sockets_in(kubelet->device_plugins()),
              ElementsAre("kubelet.sock", StartsWith("sluice.dev_bronze."),
                          StartsWith("sluice.dev_gold.")));
}

TEST_P(Registering, D03_NeedsNothingOfUsWhereTheKubeletWatchesForSockets) {
  use_kubelet(Registry::watched);
  kubelet->start();
  start_plugin(with(devices_of_port("3b", 2)));
  ASSERT_TRUE(kubelet->wait_healthy(kGold, 2));
  const auto socket = identity_of(endpoint());

  kubelet->restart();

  ASSERT_TRUE(kubelet->wait_healthy(kGold, 2));
  EXPECT_EQ(*identity_of(endpoint()), *socket);
}

TEST_P(Registering, IsRepeatedWhenTheKubeletDropsTheResource) {
  use_kubelet(Registry::absent);
  kubelet->start();
  start_plugin(with(devices_of_port("3b", 2)));
  ASSERT_TRUE(kubelet->wait_healthy(kGold, 2));

  kubelet->disconnect(kGold);

  EXPECT_TRUE(kubelet->wait([&] { return kubelet->resource(kGold).registrations > 1; }));
  EXPECT_TRUE(kubelet->wait_healthy(kGold, 2));
}

TEST_P(Registering, MakesARemovedSocketAgain) {
  use_kubelet(Registry::watched);
  kubelet->start();
  start_plugin(with(devices_of_port("3b", 2)));
  ASSERT_TRUE(kubelet->wait_healthy(kGold, 2));

  std::filesystem::remove(endpoint());

  EXPECT_TRUE(kubelet->wait([&] { return registrations(kGold) > 1; }));
  EXPECT_TRUE(kubelet->wait_healthy(kGold, 2));
}

TEST_P(Registering, RegistersAClassWithTheLongestName) {
  const std::string resource = "sluice.dev/" + std::string(63, 'x');
  use_kubelet(Registry::watched);
  kubelet->start();
  start_plugin(with({{.resource = resource, .devices = devices_of_port("3b", 2)}}));

  EXPECT_TRUE(kubelet->wait_healthy(resource, 2));
}

TEST_P(Registering, RegistersAClassThatHasNoDevices) {
  use_kubelet(Registry::watched);
  kubelet->start();
  start_plugin(with(std::vector<Device>()));

  EXPECT_TRUE(kubelet->wait([&] { return kubelet->resource(kGold).lists > 0; }));
  EXPECT_TRUE(kubelet->resource(kGold).devices.empty());
}

TEST_P(Registering, BeginsAndEndsWithTheClassesThatArePublished) {
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

TEST_P(Registering, EndsWithItsSocketsWhenThePluginEnds) {
  use_kubelet(Registry::watched);
  kubelet->start();
  start_plugin(two_classes());
  ASSERT_TRUE(kubelet->wait_healthy(kGold, 2) && kubelet->wait_healthy(kBronze, 3));

  plugin.reset();

  EXPECT_TRUE(sockets_in(kubelet->registry()).empty());
  EXPECT_TRUE(kubelet->wait([&] { return !kubelet->resource(kGold).connected; }));
}

TEST_P(Registering, HasASocketOfItsOwnEachTime) {
  use_kubelet(Registry::absent);
  kubelet->start();
  start_plugin(with(devices_of_port("3b", 2)));
  ASSERT_TRUE(kubelet->wait_healthy(kGold, 2));
  const std::string first = endpoint();

  kubelet->disconnect(kGold);

  EXPECT_TRUE(kubelet->wait([&] { return registrations(kGold) > 1; }));
  EXPECT_TRUE(kubelet->wait_healthy(kGold, 2));
  EXPECT_NE(endpoint(), first);
  EXPECT_FALSE(std::filesystem::exists(first));
}

TEST_P(Registering, RemovesTheSocketsThatAKilledInstanceLeft) {
  use_kubelet(Registry::watched);
  for (const char* const left : {"sluice.dev_gold.0123abcd.sock", "sluice.dev_gold.sock",
                                 "sluice.dev_none.0123abcd.sock", "example.com_gold.sock"}) {
    leave_dead_socket(directory / ("plugins_registry/" + std::string(left)));
  }
  kubelet->start();
  start_plugin(with(devices_of_port("3b", 2)));

  EXPECT_TRUE(kubelet->wait_healthy(kGold, 2));
  EXPECT_EQ(registrations(kGold), 1);
  EXPECT_THAT(
      sockets_in(kubelet->registry()),
      ElementsAre("example.com_gold.sock", std::filesystem::path(endpoint()).filename().string()));
}

TEST_P(Overlapping, InstancesInPluginsRegistryStandBesideEachOther) {
  stand_beside_another(Registry::watched);
}

TEST_P(Overlapping, InstancesOnKubeletSockStandBesideEachOther) {
  stand_beside_another(Registry::absent);
}

TEST_P(Registering, SaysWhyASocketCannotBeMade) {
  use_kubelet(Registry::watched);
  settings().kubelet.registry = directory / std::string(100, 'x');
  std::filesystem::create_directories(settings().kubelet.registry);
  start_plugin(with(devices_of_port("3b", 1)));

  EXPECT_TRUE(
      kubelet->wait([&] { return count(Event::registration_failed, "107 are allowed") == 1; }));
}

}  // namespace
}  // namespace sluice::plugin
