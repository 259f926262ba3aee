// Addresses of a pod's lanes, given by the CNI project's own host-local.
#include <unistd.h>

#include <filesystem>

#include <nlohmann/json.hpp>

#include "pkg/config/config.h"
#include "test/netns/cni_pod_world.h"
#include "test/support/manual.h"

namespace sluice::cni {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kHostLocal = "/usr/lib/cni/host-local";

class CniAddresses : public CniPod {
 protected:
  CniAddresses() { std::filesystem::create_symlink(kHostLocal, dir_ / "host-local"); }

  /// Rail `number` has 10.<number>.0.2 to 10.<number>.0.<last>.
  PodLane on_rail(int index, int number, int last = 20) const {
    return {
        .vf = SysfsTree::vf(kPort, index),
        .class_name = "gold",
        .ifname = {},
        .network = LaneNetwork{
            .name = fmt::format("rail{}", number),
            .cni = fmt::format(R"({{"cniVersion":"1.0.0","name":"sluice-rail{0}","type":"sluice",)"
                               R"("ipam":{{"type":"host-local","dataDir":"{1}","ranges":[[{{)"
                               R"("subnet":"10.{0}.0.0/24","rangeEnd":"10.{0}.0.{2}"}}]]}},)"
                               R"("routes":[{{"dst":"10.{0}.0.0/16","gw":"10.{0}.0.1"}}]}})",
                               number, dir_ / "pools", last),
            .mtu = {}}};
  }

  void give_lanes(std::vector<PodLane> lanes) { pods_.give("default/web-0", std::move(lanes)); }

  /// Addresses that the pools have given away: a file each, beside "lock" and "last_reserved_ip.0".
  std::vector<std::string> taken() const {
    std::vector<std::string> found;
    if (!dir_.has("pools")) return found;
    for (const auto& file : std::filesystem::recursive_directory_iterator(dir_ / "pools")) {
      const std::string name = file.path().filename();
      if (name.starts_with("10.")) found.push_back(name);
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  std::vector<IpPrefix> addresses_of(const std::string& name) const {
    const auto addresses = kernel_->addresses_in(*pod_).value();
    const auto all = addresses->addresses(link_in(*pod_, name)->index).value();
    std::vector<IpPrefix> v4;
    for (const IpPrefix& each : all) {
      if (!each.address.is_v6()) v4.push_back(each);
    }
    return v4;
  }

  void expect_no_lease() {
    expect_nothing_left();
    EXPECT_THAT(taken(), IsEmpty());
    EXPECT_FALSE(dir_.has("lib/leases/c1:eth0"));
  }

  static IpPrefix ip(const char* text) { return IpPrefix::parse(text).value(); }
};

TEST_F(CniAddresses, EachLaneHasAnAddressOfItsRailUntilDel) {
  give_lanes({on_rail(0, 1), on_rail(1, 2)});
  const PluginExit exit = add();
  ASSERT_EQ(exit.status, 0) << exit.output;
  EXPECT_THAT(addresses_of("net1"), ElementsAre(ip("10.1.0.2/24")));
  EXPECT_THAT(addresses_of("net2"), ElementsAre(ip("10.2.0.2/24")));
  EXPECT_THAT(taken(), ElementsAre("10.1.0.2", "10.2.0.2"));
  const json answer = json::parse(exit.output, nullptr, false);
  EXPECT_EQ(answer["ips"][1],
            (json{{"interface", 2}, {"address", "10.1.0.2/24"}, {"gateway", "10.1.0.1"}}));
  EXPECT_EQ(answer["ips"][2]["interface"], 3);
  EXPECT_EQ(answer["routes"][2], (json{{"dst", "10.2.0.0/16"}, {"gw", "10.2.0.1"}}));

  agent_.reset();
  const std::string checked =
      fmt::format(R"({{"cniVersion":"1.0.0","name":"k8s-pod-network","type":"sluice",)"
                  R"("logLevel":"panic","prevResult":{}}})",
                  exit.output);
  expect_silent_success("CHECK", eth0_, checked);
  expect_silent_success("DEL", eth0_, conf());
  expect_no_lease();
  expect_silent_success("DEL", eth0_, conf());
}

TEST_F(CniAddresses, ASubnetThatIsExhaustedFailsThePodAndLeavesNothing) {
  give_lanes({on_rail(0, 1, 2), on_rail(1, 1, 2)});
  const PluginExit exit = add();
  EXPECT_EQ(exit.status, 1);
  // Either of the two comes too late.
  EXPECT_THAT(exit.output,
              testing::ContainsRegex("addresses of 'net[12]' in network 'rail[01]': IPAM ADD by "
                                     "'host-local': failed to allocate for range 0: no IP"));
  expect_no_lease();
}

TEST_F(CniAddresses, AKilledAddOrDelLeavesNothingBehindTheNextDel) {
  give_lanes({on_rail(0, 1), on_rail(1, 2)});
  const auto die = [&](const std::string& command, const char* point) {
    std::vector<std::string> variables = kPod;
    variables.push_back(fmt::format("SLUICE_CRASH_AT={}", point));
    EXPECT_EQ(call(command, eth0_, conf(), variables).status, 128 + 9) << point;
  };
  for (const char* const point : {"add.noted", "add.all_attached", "add.ipam", "add.addressed"}) {
    die("ADD", point);
    expect_silent_success("DEL", eth0_, conf());
    expect_no_lease();
  }
  for (const char* const point : {"del.released", "del.lease"}) {
    ASSERT_EQ(add().status, 0);
    die("DEL", point);
    expect_silent_success("DEL", eth0_, conf());
    expect_no_lease();
  }
}

// The manual's pools are moved here, for they would be in the machine's own directory.
TEST_F(CniAddresses, TheExamplesOfTheManualWork) {
  const auto examples = json_examples_of(SLUICE_SOURCE_DIR "/docs/networks.md");
  ASSERT_EQ(examples.size(), 3U);
  int addressed = 0;
  for (const std::string& example : examples) {
    ParsedConfig parsed = parse_config(example);
    ASSERT_EQ(to_string(parsed.problems), "") << example;
    keep_networks_of("gpu-1", parsed.config.networks);
    for (const NetworkRule& rule : parsed.config.networks) {
      json cni = json::parse(rule.cni);
      cni["ipam"]["dataDir"] = dir_ / "pools";
      PodLane lane = on_rail(0, 1);
      lane.network = LaneNetwork{.name = rule.name, .cni = cni.dump(), .mtu = rule.mtu};
      PodLane second = lane;
      second.vf = SysfsTree::vf(kPort, 1);
      give_lanes({lane, second});
      const PluginExit exit = add();
      ASSERT_EQ(exit.status, 0) << rule.name << ": " << exit.output;
      addressed += static_cast<int>(addresses_of("net1").size() + addresses_of("net2").size());
      EXPECT_EQ(link_in(*pod_, "net1")->mtu, rule.mtu.value_or(1500));
      expect_silent_success("DEL", eth0_, conf());
      expect_no_lease();
    }
  }
  EXPECT_EQ(addressed, 2 * (1 + 8 + 1));
}

TEST_F(CniAddresses, GcGivesBackWhatForgottenPodsHave) {
  give_lanes({on_rail(0, 1)});
  ASSERT_EQ(add().status, 0);
  expect_silent_success("GC", {.container = "", .netns = "", .ifname = ""},
                        R"({"cniVersion":"1.1.0","name":"k8s-pod-network","type":"sluice",)"
                        R"("cni.dev/valid-attachments":[]})");
  expect_no_lease();
}

}  // namespace
}  // namespace sluice::cni
