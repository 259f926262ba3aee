#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/unit/cni/failure_matchers.h"
#include "test/unit/cni/net_conf_fixture.h"

namespace sluice::cni {
namespace {

TEST(NetConf, C06_RefusesWhatIsNotJson) {
  EXPECT_THAT(load("{"), FailsAs(ErrorCode::undecodable, "not JSON"));
  EXPECT_THAT(load(""), FailsAs(ErrorCode::undecodable, "not JSON"));
  EXPECT_THAT(load("[]"), FailsAs(ErrorCode::undecodable, "not a JSON object"));
}

TEST(NetConf, RefusesAbsurdNesting) {
  const std::string deep = b("\"args\":" + std::string(100, '[') + std::string(100, ']'));
  EXPECT_THAT(load(deep), FailsAs(ErrorCode::undecodable, "nested deeper than 64"));
}

TEST(NetConf, C07_RefusesAMissingOrInvalidName) {
  EXPECT_THAT(load(R"({"cniVersion":"1.1.0","type":"sluice"})"),
              FailsAs(ErrorCode::invalid_config, "name"));
  EXPECT_THAT(load(R"({"cniVersion":"1.1.0","name":"../x","type":"sluice"})"),
              FailsAs(ErrorCode::invalid_config, "'../x'"));
}

TEST(NetConf, RefusesVersionsThatAreNotOurs) {
  EXPECT_THAT(load(R"({"name":"n"})"), FailsAs(ErrorCode::incompatible_version, "'0.1.0'"));
  EXPECT_THAT(load(conf(kDevice, "0.2.0")), FailsAs(ErrorCode::incompatible_version, "'0.2.0'"));
  EXPECT_THAT(load(conf(kDevice, "9.0.0")), FailsAs(ErrorCode::incompatible_version, "1.1.0"));
}

TEST(NetConf, RefusesVerbsThatCameLater) {
  EXPECT_THAT(load(conf(kDevice, "0.3.1"), Command::check),
              FailsAs(ErrorCode::incompatible_version, "does not have CHECK"));
  EXPECT_THAT(load(conf(kDevice, "1.0.0"), Command::gc),
              FailsAs(ErrorCode::incompatible_version, "does not have GC"));
  EXPECT_THAT(load(conf(kDevice, "1.0.0"), Command::status),
              FailsAs(ErrorCode::incompatible_version, "does not have STATUS"));
}

TEST(NetConf, C20_ReadsTheLeastConfiguration) {
  const auto loaded = load(b());

  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->version, "1.1.0");
  EXPECT_EQ(std::get<OfVf>(loaded->lane.made_of).vf.to_string(), "0000:af:06.0");
  EXPECT_EQ(loaded->lane.owner, (Owner{.network = "rdma-net",
                                       .container_id = "c1",
                                       .ifname = "net1",
                                       .netns = "/run/netns/p1",
                                       .pod = "ml/a"}));
  EXPECT_EQ(loaded->lane.settings, VfSettings{});
  EXPECT_EQ(loaded->lane.floor, std::nullopt);
  EXPECT_EQ(loaded->lane.ceiling, std::nullopt);
  EXPECT_EQ(loaded->lane.timeout, std::chrono::seconds(60));
  EXPECT_EQ(loaded->hint(), "0000:af:06.0");
}

TEST(NetConf, AcceptsTheExampleOfSriovCniVerbatim) {
  const auto loaded =
      load(R"({"cniVersion":"0.3.1","name":"sriov-net","type":"sriov","deviceID":"0000:03:02.0",)"
           R"("mac":"CA:FE:C0:FF:EE:00","vlan":1000,"vlanQoS":4,"vlanProto":"802.1ad",)"
           R"("min_tx_rate":100,"max_tx_rate":200,"spoofchk":"off","trust":"on",)"
           R"("link_state":"enable","logLevel":"debug","logFile":"/var/log/sriov.log"})");

  ASSERT_TRUE(loaded) << loaded.error().message;
  const LaneRequest& request = loaded->lane;
  EXPECT_EQ(request.settings.mac->to_string(), "ca:fe:c0:ff:ee:00");
  EXPECT_EQ(request.settings.vlan, (VlanTag{.id = 1000, .qos = 4, .protocol = 0x88a8}));
  EXPECT_EQ(request.floor, BitRate::mbps(100));
  EXPECT_EQ(request.ceiling, BitRate::mbps(200));
  EXPECT_EQ(request.settings.spoofchk, false);
  EXPECT_EQ(request.settings.trust, true);
  EXPECT_EQ(request.settings.link_state, VfLinkState::enable);
  EXPECT_EQ(loaded->log_level, "debug");
  EXPECT_EQ(loaded->log_file, "/var/log/sriov.log");
}

TEST(NetConf, MatchesKeysAsGoDoes) {
  const auto loaded = load(conf(R"("deviceid":"0000:AF:06.0","VLAN":7,"vlanqos":3)"));

  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(std::get<OfVf>(loaded->lane.made_of).vf.to_string(), "0000:af:06.0");
  EXPECT_EQ(loaded->lane.settings.vlan, (VlanTag{.id = 7, .qos = 3}));
  EXPECT_EQ(lane(R"("VLAN":7,"vlan":8)").settings.vlan->id, 8);  // The exact key wins.
  EXPECT_EQ(lane(R"("vlan":null)").settings.vlan, std::nullopt);
}

TEST(NetConf, C23_PrefersTheRuntimesMacThenTheArgumentsThenItsOwn) {
  Environment with_args = environment();
  with_args.args.mac = *MacAddress::parse("02:00:00:00:00:02");
  const std::string own = R"("mac":"60:00:00:00:00:E1")";
  const std::string runtime = R"("runtimeConfig":{"mac":"02:00:00:00:00:03"})";

  EXPECT_EQ(lane(own).settings.mac->to_string(), "60:00:00:00:00:e1");
  EXPECT_EQ(load_net_conf(b(own), with_args)->lane.settings.mac->to_string(), "02:00:00:00:00:02");
  EXPECT_EQ(load_net_conf(b(own + "," + runtime), with_args)->lane.settings.mac->to_string(),
            "02:00:00:00:00:03");
}

TEST(NetConf, RefusesMacsThatNoLinkCanHave) {
  for (const char* const mac : {"nonsense", "01:00:5e:00:00:01", "00:00:00:00:00:00"}) {
    EXPECT_THAT(load(b(R"("mac":")" + std::string(mac) + "\"")),
                FailsAs(ErrorCode::invalid_config, mac));
  }
}

TEST(NetConf, C25_ReadsTheVlanOfAnyCase) {
  EXPECT_EQ(lane(R"("vlan":1234,"vlanQoS":4,"vlanProto":"802.1AD")").settings.vlan,
            (VlanTag{.id = 1234, .qos = 4, .protocol = VlanTag::kDot1ad}));
  EXPECT_EQ(lane(R"("vlan":0)").settings.vlan, VlanTag{});
}

TEST(NetConf, C26_C27_AnUnsetRateStaysUnset) {
  EXPECT_EQ(lane(R"("min_tx_rate":100,"max_tx_rate":200)").floor, BitRate::mbps(100));
  const LaneRequest only_ceiling = lane(R"("max_tx_rate":200)");
  EXPECT_EQ(only_ceiling.floor, std::nullopt);
  EXPECT_EQ(only_ceiling.ceiling, BitRate::mbps(200));
  EXPECT_EQ(lane(R"("min_tx_rate":0)").floor, BitRate());
}

TEST(NetConf, TakesRatesAsQuantities) {
  const LaneRequest request = lane(R"("floor":"2.5G","ceiling":10000000000)");
  EXPECT_EQ(request.floor, BitRate::mbps(2500));
  EXPECT_EQ(request.ceiling, BitRate::gbps(10));
  EXPECT_TRUE(load(b(R"("floor":"1G","min_tx_rate":1000)")));
  EXPECT_THAT(load(b(R"("floor":"1G","min_tx_rate":1001)")),
              FailsAs(ErrorCode::invalid_config, "floor (1 Gbit/s) and min_tx_rate"));
  for (const char* const wrong : {"\"1x\"", "-1", "1.5", "true", "\"-1G\""}) {
    EXPECT_THAT(load(b("\"ceiling\":" + std::string(wrong))),
                FailsAs(ErrorCode::invalid_config, "ceiling: want a quantity"))
        << wrong;
  }
}

TEST(NetConf, C28_TakesThePodsEgressRateAsCeilingRoundedUp) {
  const auto bandwidth = [](const std::string& more) {
    return R"("runtimeConfig":{"bandwidth":{)" + more + "}}";
  };
  EXPECT_EQ(lane(bandwidth(R"("egressRate":5000000000,"egressBurst":1000000)")).ceiling,
            BitRate::mbps(5000));
  EXPECT_EQ(lane(bandwidth(R"("egressRate":1)")).ceiling, BitRate::mbps(1));
  EXPECT_EQ(lane(bandwidth(R"("egressRate":0)")).ceiling, std::nullopt);
  EXPECT_EQ(lane(R"("max_tx_rate":100,)" + bandwidth(R"("egressRate":5000000000)")).ceiling,
            BitRate::mbps(100));
  EXPECT_EQ(lane(R"("max_tx_rate":0,)" + bandwidth(R"("egressRate":5000000000)")).ceiling,
            BitRate::mbps(5000));
}

TEST(NetConf, C28_RefusesAnIngressRateByName) {
  EXPECT_THAT(load(b(R"("runtimeConfig":{"bandwidth":{"ingressRate":5000000000}})")),
              FailsAs(ErrorCode::unsupported_field, "runtimeConfig.bandwidth.ingressRate"));
  EXPECT_TRUE(load(b(R"("runtimeConfig":{"bandwidth":{"ingressRate":0,"ingressBurst":9}})")));
}

TEST(NetConf, C30_ReadsSwitchesAndRefusesWhatIsNoneOfTheirValues) {
  const VfSettings settings =
      lane(R"("spoofchk":"off","trust":"on","link_state":"disable")").settings;
  EXPECT_EQ(settings.spoofchk, false);
  EXPECT_EQ(settings.trust, true);
  EXPECT_EQ(settings.link_state, VfLinkState::disable);
  EXPECT_THAT(load(b(R"("trust":"yes")")),
              FailsAs(ErrorCode::invalid_config, "trust: want 'on' or 'off', got 'yes'"));
  EXPECT_THAT(load(b(R"("spoofchk":true)")), FailsAs(ErrorCode::invalid_config, "spoofchk"));
  EXPECT_THAT(load(b(R"("link_state":"up")")), FailsAs(ErrorCode::invalid_config, "got 'up'"));
}

TEST(NetConf, C36_RefusesDeviceInfoPathsThatClimb) {
  const auto with = [](const std::string& path) {
    return load(b(R"("runtimeConfig":{"CNIDeviceInfoFile":")" + path + "\"}"));
  };
  EXPECT_EQ(with("/var/run/x/a.json")->device_info_file, "/var/run/x/a.json");
  for (const char* const path : {"a.json", "/a/../b", "/a/", "../a"}) {
    EXPECT_THAT(with(path), FailsAs(ErrorCode::invalid_config, "CNIDeviceInfoFile")) << path;
  }
}

TEST(NetConf, ReadsASoftwareLane) {
  const auto loaded = load(conf(
      R"("provider":"soft","master":"eth0","child":"veth","lineRate":"25G","mtu":9000,"wait":0.5)"));

  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(std::get<OfUplink>(loaded->lane.made_of),
            (OfUplink{.uplink = "eth0", .child = "veth", .line_rate = BitRate::gbps(25)}));
  EXPECT_EQ(loaded->lane.mtu, 9000);
  EXPECT_EQ(loaded->lane.timeout, std::chrono::milliseconds(500));
  EXPECT_EQ(loaded->hint(), "link-eth0");
}

}  // namespace
}  // namespace sluice::cni
