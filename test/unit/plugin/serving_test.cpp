// What the plugin answers once it is registered.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include <nlohmann/json.hpp>

#include "test/unit/plugin/serving_world.h"

namespace sluice::plugin {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

TEST_F(Serving, D04_D23_TheOptionsArePreferenceAndPreStart) {
  begin(with(devices_of_port("3b", 1)));
  EXPECT_TRUE(kubelet->resource(kGold).has_preference);
  EXPECT_TRUE(kubelet->resource(kGold).pre_start_required);
}

TEST_F(Serving, D05_TheListNamesEveryDeviceWithItsNode) {
  std::vector<Device> devices = devices_of_port("3b", 2, 1);
  devices.push_back(devices_of_port("86", 1, std::nullopt).front());
  begin(with(devices));

  const std::map<std::string, ListedDevice> expected = {
      {"0000:3b:02.0", {.healthy = true, .numa_node = 1}},
      {"0000:3b:02.1", {.healthy = true, .numa_node = 1}},
      {"0000:86:02.0", {.healthy = true, .numa_node = std::nullopt}}};
  EXPECT_EQ(kubelet->resource(kGold).devices, expected);
}

TEST_F(Serving, D07_TheListFollowsTheHardware) {
  std::vector<Device> devices = devices_of_port("3b", 2);
  begin(with(devices));
  const auto listed = [&] { return kubelet->resource(kGold).devices; };

  devices[0].unhealthy = "port 0000:3b:00.0 has no carrier";
  ASSERT_THAT(plugin->publish(with(devices)), IsOk());
  EXPECT_TRUE(kubelet->wait([&] { return !listed()["0000:3b:02.0"].healthy; }));
  EXPECT_TRUE(listed()["0000:3b:02.1"].healthy);

  ASSERT_THAT(plugin->publish(with(std::vector<Device>())), IsOk());
  EXPECT_TRUE(kubelet->wait([&] { return listed().empty(); }));

  ASSERT_THAT(plugin->publish(with(devices_of_port("3b", 4))), IsOk());
  EXPECT_TRUE(kubelet->wait_healthy(kGold, 4));
  EXPECT_EQ(kubelet->resource(kGold).registrations, 1);
}

TEST_F(Serving, SendsNothingWhileNothingChanges) {
  begin(with(devices_of_port("3b", 2)));
  for (int i = 0; i < 5; ++i) {
    ASSERT_THAT(plugin->publish(with(devices_of_port("3b", 2))), IsOk());
  }
  ASSERT_THAT(plugin->publish(with(devices_of_port("3b", 3))), IsOk());
  ASSERT_TRUE(kubelet->wait_healthy(kGold, 3));
  EXPECT_EQ(kubelet->resource(kGold).lists, 2);
}

TEST_F(Serving, D09_AllocateAnswersWithEnvironmentAndCdiDevice) {
  begin(with(devices_of_port("3b", 2)));
  ASSERT_OK_AND_ASSIGN(const GivenContainer given, allocate({"0000:3b:02.1"}));

  EXPECT_EQ(given.envs.at("PCIDEVICE_SLUICE_DEV_GOLD"), "0000:3b:02.1");
  const auto info =
      nlohmann::json::parse(given.envs.at("PCIDEVICE_SLUICE_DEV_GOLD_INFO"), nullptr, false);
  EXPECT_EQ(info["0000:3b:02.1"]["rdma"]["uverbs"], "/dev/infiniband/uverbs1");
  EXPECT_THAT(given.cdi_devices, ElementsAre("sluice.dev/vf=0000:3b:02.1", "sluice.dev/vf=limits"));
  EXPECT_THAT(given.devices, IsEmpty());
  EXPECT_EQ(given.annotations, 0U);
}

TEST_F(Serving, D09_TheCdiFileHasWhatTheNamesReferTo) {
  begin(with(devices_of_port("3b", 2)));
  const auto spec = nlohmann::json::parse(directory.read("cdi/sluice.dev-vf.json"), nullptr, false);
  EXPECT_EQ(spec["kind"], "sluice.dev/vf");
  EXPECT_EQ(spec["devices"].size(), 3U);
  EXPECT_EQ(spec["devices"][2]["name"], "limits");
  EXPECT_EQ(spec["containerEdits"]["hooks"][0]["path"], "/opt/cni/bin/sluice-memlock");
  EXPECT_EQ(spec["devices"][1]["containerEdits"]["deviceNodes"][0]["path"],
            "/dev/infiniband/uverbs1");
}

TEST_F(Serving, D09_AllocateAnswersWithDeviceSpecsWhereTheRuntimeHasNoCdi) {
  settings().handover.handover = Handover::device_specs;
  begin(with(devices_of_port("3b", 2)));
  ASSERT_OK_AND_ASSIGN(const GivenContainer given, allocate({"0000:3b:02.1"}));

  EXPECT_THAT(given.devices,
              UnorderedElementsAre("/dev/infiniband/uverbs1:/dev/infiniband/uverbs1:rw",
                                   "/dev/infiniband/rdma_cm:/dev/infiniband/rdma_cm:rw"));
  EXPECT_THAT(given.cdi_devices, IsEmpty());
  EXPECT_FALSE(directory.has("cdi"));
}

TEST_F(Serving, D10_EachContainerGetsItsOwnDevicesInItsOwnOrder) {
  begin(with(devices_of_port("3b", 3)));
  ASSERT_OK_AND_ASSIGN(
      const auto containers,
      kubelet->allocate(kGold, {{"0000:3b:02.2"}, {"0000:3b:02.1", "0000:3b:02.0"}}));

  ASSERT_EQ(containers.size(), 2U);
  EXPECT_THAT(containers[0].cdi_devices,
              ElementsAre("sluice.dev/vf=0000:3b:02.2", "sluice.dev/vf=limits"));
  EXPECT_EQ(containers[1].envs.at("PCIDEVICE_SLUICE_DEV_GOLD"), "0000:3b:02.1,0000:3b:02.0");
  EXPECT_THAT(containers[1].cdi_devices,
              ElementsAre("sluice.dev/vf=0000:3b:02.1", "sluice.dev/vf=0000:3b:02.0",
                          "sluice.dev/vf=limits"));
}

TEST_F(Serving, D12_TwoResourcesOfOnePrefixDoNotHideEachOther) {
  begin(with({{.resource = kGold, .devices = devices_of_port("3b", 1)},
              {.resource = kBronze, .devices = devices_of_port("86", 1)}}));
  ASSERT_OK_AND_ASSIGN(const GivenContainer gold, allocate({"0000:3b:02.0"}, kGold));
  ASSERT_OK_AND_ASSIGN(const GivenContainer bronze, allocate({"0000:86:02.0"}, kBronze));

  const auto spec = nlohmann::json::parse(directory.read("cdi/sluice.dev-vf.json"), nullptr, false);
  EXPECT_EQ(spec["devices"].size(), 3U);
  EXPECT_NE(gold.cdi_devices, bronze.cdi_devices);
  EXPECT_TRUE(bronze.envs.contains("PCIDEVICE_SLUICE_DEV_BRONZE"));
}

TEST_F(Serving, D13_PrefersDevicesOfOneNode) {
  std::vector<Device> devices = devices_of_port("3b", 2, 0);
  const std::vector<Device> far = devices_of_port("86", 2, 1);
  devices.insert(devices.end(), far.begin(), far.end());
  begin(with(devices));

  ASSERT_OK_AND_ASSIGN(
      const auto chosen,
      kubelet->prefer(kGold, {"0000:3b:02.0", "0000:86:02.0", "0000:86:02.1"}, {}, 2));
  EXPECT_THAT(chosen, UnorderedElementsAre("0000:86:02.0", "0000:86:02.1"));
  ASSERT_OK_AND_ASSIGN(const auto none, kubelet->prefer(kGold, {"0000:3b:02.0"}, {}, -1));
  EXPECT_THAT(none, IsEmpty());
}

TEST_F(Serving, D19_AllocateWritesADeviceInfoFile) {
  begin(with(devices_of_port("3b", 1)));
  ASSERT_THAT(allocate({"0000:3b:02.0"}), IsOk());
  const auto info = nlohmann::json::parse(
      directory.read("devinfo/sluice.dev-gold-0000:3b:02.0-device.json"), nullptr, false);
  EXPECT_EQ(info["version"], "1.1.0");
  EXPECT_EQ(info["pci"]["pf-pci-address"], "0000:3b:00.0");
}

TEST_F(Serving, TheDeviceInfoFileGoesWithItsPod) {
  begin(with(devices_of_port("3b", 2)));
  ASSERT_THAT(allocate({"0000:3b:02.0", "0000:3b:02.1"}), IsOk());

  EXPECT_THAT(plugin->released({.resource = kGold, .id = "0000:3b:02.0"}), IsOk());

  EXPECT_FALSE(directory.has("devinfo/sluice.dev-gold-0000:3b:02.0-device.json"));
  EXPECT_TRUE(directory.has("devinfo/sluice.dev-gold-0000:3b:02.1-device.json"));
  EXPECT_THAT(plugin->released({.resource = kGold, .id = "0000:3b:02.0"}), IsOk());
}

TEST_F(Serving, ADeviceInfoFileThatCannotBeWrittenFailsNoPod) {
  directory.write("devinfo", "a file where the directory should be");
  begin(with(devices_of_port("3b", 1)));
  EXPECT_THAT(allocate({"0000:3b:02.0"}), IsOk());
  EXPECT_EQ(count(Event::trouble, "create '"), 1);
}

TEST_F(Serving, FilesOfRunningPodsSurviveAnEndOfThePlugin) {
  begin(with(devices_of_port("3b", 1)));
  ASSERT_THAT(allocate({"0000:3b:02.0"}), IsOk());
  plugin.reset();
  EXPECT_TRUE(directory.has("devinfo/sluice.dev-gold-0000:3b:02.0-device.json"));
  EXPECT_TRUE(directory.has("cdi/sluice.dev-vf.json"));
}

TEST_F(Serving, AllocateRefusesWhatItCannotGiveAndSaysWhy) {
  std::vector<Device> devices = devices_of_port("3b", 3);
  devices[1].unhealthy = "no driver is bound to it";
  devices[2].taken = "claim 'ml/a'";
  begin(with(devices));

  EXPECT_THAT(allocate({"0000:3b:07.0"}),
              FailsWith(Code::not_found, "'0000:3b:07.0' is not offered under 'sluice.dev/gold'"));
  EXPECT_THAT(allocate({"0000:3b:02.1"}), FailsWith(Code::busy, "no driver is bound to it"));
  EXPECT_THAT(allocate({"0000:3b:02.2"}), FailsWith(Code::busy, "held by claim 'ml/a'"));
  EXPECT_EQ(count(Event::allocation_refused), 3);
  EXPECT_EQ(kubelet->healthy(kGold), (std::vector<std::string>{"0000:3b:02.0"}));
}

TEST_F(Serving, AllocateLeavesTheLastWordToTheOwnerOfTheOffers) {
  begin(with(devices_of_port("3b", 2)));
  on_allocate = [](const std::string& resource, const std::vector<std::string>& ids) -> Result<> {
    return Error(Code::exhausted, fmt::format("{}: {} has moved", resource, ids.front()));
  };
  EXPECT_THAT(allocate({"0000:3b:02.1"}),
              FailsWith(Code::exhausted, "sluice.dev/gold: 0000:3b:02.1 has moved"));
  EXPECT_FALSE(directory.has("devinfo"));
}

TEST_F(Serving, D26_AWithdrawnDeviceIsNotListedButGivenToWhoAsksForIt) {
  std::vector<Device> devices = devices_of_port("3b", 2);
  begin(with(devices));
  std::vector<std::string> asked;
  on_allocate = [&](const std::string&, const std::vector<std::string>& ids) -> Result<> {
    asked = ids;
    return {};
  };

  devices[0].withdrawn = true;
  ASSERT_THAT(plugin->publish(with(devices)), IsOk());
  ASSERT_TRUE(kubelet->wait_healthy(kGold, 1));

  EXPECT_THAT(allocate({"0000:3b:02.0"}), IsOk());
  EXPECT_THAT(asked, ElementsAre("0000:3b:02.0"));
}

TEST_F(Serving, D21_PublishingNonsenseChangesNothing) {
  begin(with(devices_of_port("3b", 1)));
  EXPECT_THAT(plugin->publish(
                  with({{.resource = kGold, .devices = {}}, {.resource = kGold, .devices = {}}})),
              FailsWith(Code::already_exists, "resource 'sluice.dev/gold' is there twice"));
  EXPECT_THAT(allocate({"0000:3b:02.0"}), IsOk());
}

TEST_F(Serving, D25_EverythingThatIsOfferedCanBeAllocatedAtOnceInAnyOrder) {
  begin(with({{.resource = kGold, .devices = devices_of_port("3b", 64)},
              {.resource = kBronze, .devices = devices_of_port("86", 64)}}));
  std::vector<std::pair<std::string, std::string>> all;  // resource, ID
  for (const char* resource : {kGold, kBronze}) {
    for (const std::string& id : kubelet->healthy(resource)) all.emplace_back(resource, id);
  }
  ASSERT_EQ(all.size(), 128U);
  std::ranges::shuffle(all, std::mt19937(7));  // NOLINT(cert-msc51-cpp): the same order each time

  std::atomic<std::size_t> next = 0;
  std::atomic<int> given = 0;
  std::vector<std::jthread> callers;
  callers.reserve(4);
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      for (std::size_t at = next++; at < all.size(); at = next++) {
        if (kubelet->allocate(all[at].first, {{all[at].second}})) ++given;
      }
    });
  }
  callers.clear();
  EXPECT_EQ(given, 128);
}

TEST_F(Serving, D28_AfterARebootPodsFindTheirDevicesUnderTheirResource) {
  const DeviceSnapshotPtr both = with({{.resource = kGold, .devices = devices_of_port("3b", 4)},
                                       {.resource = kBronze, .devices = devices_of_port("86", 4)}});
  begin(both);
  ASSERT_THAT(kubelet->admit("ml/a", kGold, 3), IsOk());
  ASSERT_THAT(kubelet->admit("ml/a", kBronze, 1), IsOk());
  plugin.reset();
  kubelet->stop();

  kubelet->start();
  EXPECT_THAT(kubelet->readmit("ml/a"), FailsWith(Code::not_found, "unregistered"));
  start_plugin(both);
  ASSERT_TRUE(kubelet->wait_healthy(kGold, 4) && kubelet->wait_healthy(kBronze, 4));

  EXPECT_THAT(kubelet->readmit("ml/a"), IsOk());
  ASSERT_THAT(plugin->publish(with(std::vector<Device>())), IsOk());
  ASSERT_TRUE(kubelet->wait_healthy(kGold, 0));
  EXPECT_THAT(kubelet->readmit("ml/a"), FailsWith(Code::busy, "no longer healthy"));
}

}  // namespace
}  // namespace sluice::plugin
