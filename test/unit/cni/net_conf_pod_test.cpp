// Network configurations without a device: those of pod mode.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cni/protocol/net_conf.h"
#include "test/unit/cni/failure_matchers.h"

namespace sluice::cni {
namespace {

Environment environment() {
  return {.command = Command::add,
          .container_id = "c1",
          .netns = "/run/netns/p1",
          .ifname = "eth0",
          .args = {.pod_name = "a", .pod_namespace = "ml"}};
}

std::string conf(const std::string& more, const std::string& version = "1.1.0") {
  return R"({"cniVersion":")" + version + R"(","name":"k8s","type":"sluice",)" + more + "}";
}

Outcome<NetConf> load(const std::string& text) {
  return load_net_conf(text, environment());
}

constexpr const char* kChained =
    R"("prevResult":{"interfaces":[{"name":"eth0","x-note":7}],"ips":[{"address":"10.0.0.1/8"}]})";

TEST(NetConf, C40_WithoutADeviceButChainedItIsForThePod) {
  const auto loaded = load(conf(std::string(kChained) + R"(,"wait":3,"trust":"on")"));
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_TRUE(loaded->is_for_pod());
  EXPECT_EQ(loaded->hint(), "");
  EXPECT_EQ(loaded->lane.timeout, std::chrono::seconds(3));
  EXPECT_EQ(loaded->lane.settings.trust, true);
  EXPECT_FALSE(load(conf(std::string(kChained) + R"(,"deviceID":"0000:af:06.0")"))->is_for_pod());
}

TEST(NetConf, KeepsAllOfPrevResultForAPodWithoutLanes) {
  EXPECT_EQ(load(conf(kChained, "0.4.0"))->prev_text,
            R"({"cniVersion":"0.4.0","interfaces":[{"name":"eth0","x-note":7}],)"
            R"("ips":[{"address":"10.0.0.1/8"}]})");
}

TEST(NetConf, RefusesForAPodWhatIsOfOneLaneAlone) {
  for (const char* const more :
       {R"("mac":"02:00:00:00:00:01")", R"("ips":[])", R"("ipam":{"type":"host-local"})"}) {
    EXPECT_THAT(load(conf(std::string(kChained) + "," + more)),
                FailsAs(ErrorCode::unsupported_field, "not possible for the lanes of a pod"))
        << more;
  }
}

TEST(NetConf, LeavesWhatIsOfThePodsOwnInterfaceToOthers) {
  Environment with_mac = environment();
  with_mac.args.mac = MacAddress({2, 0, 0, 0, 0, 7});
  const auto loaded =
      load_net_conf(conf(std::string(kChained) +
                         R"(,"runtimeConfig":{"mac":"02:00:00:00:00:01","ips":["192.0.2.1/24"],)"
                         R"("CNIDeviceInfoFile":"/run/a.json"})"),
                    with_mac);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->lane.settings.mac, std::nullopt);
  EXPECT_THAT(loaded->ips, testing::IsEmpty());
  EXPECT_EQ(loaded->device_info_file, "");
}

}  // namespace
}  // namespace sluice::cni
