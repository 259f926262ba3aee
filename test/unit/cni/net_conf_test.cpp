#include "cni/protocol/net_conf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/unit/cni/failure_matchers.h"

namespace sluice::cni {
namespace {

constexpr const char* kDevice = R"("deviceID":"0000:af:06.0")";

Environment environment(Command command = Command::add) {
  return {.command = command,
          .container_id = "c1",
          .netns = "/run/netns/p1",
          .ifname = "net1",
          .args = {.pod_name = "a", .pod_namespace = "ml"}};
}

std::string conf(const std::string& more, const std::string& version = "1.1.0") {
  return R"({"cniVersion":")" + version + R"(","name":"rdma-net","type":"sluice")" +
         (more.empty() ? "" : ",") + more + "}";
}

// B + `more`
std::string b(const std::string& more = {}) {
  return conf(kDevice + (more.empty() ? "" : "," + more));
}

Outcome<NetConf> load(const std::string& text, Command command = Command::add) {
  return load_net_conf(text, environment(command));
}

LaneRequest lane(const std::string& more) {
  Outcome<NetConf> loaded = load(b(more));
  EXPECT_TRUE(loaded) << more << ": " << loaded.error().message;
  return loaded ? loaded->lane : LaneRequest();
}

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

TEST(NetConf, C40_RefusesAMissingDevice) {
  EXPECT_THAT(load(conf("")), FailsAs(ErrorCode::invalid_config, "deviceID"));
  for (const std::string& text : {conf(R"("runtimeConfig":{"deviceID":"0000:af:06.1"})"),
                                  b(R"("runtimeConfig":{"deviceID":"0000:af:06.1"})")}) {
    EXPECT_EQ(std::get<OfVf>(load(text)->lane.made_of).vf.to_string(), "0000:af:06.1");
  }
}

TEST(NetConf, C41_RefusesADeviceThatIsNoPciAddress) {
  EXPECT_THAT(load(conf(R"("deviceID":"../../etc")")),
              FailsAs(ErrorCode::invalid_config, "deviceID: want a PCI address"));
}

TEST(NetConf, C42_RefusesVlansThatMakeNoSense) {
  for (const char* const wrong :
       {R"("vlan":4095)", R"("vlan":-1)", R"("vlan":"7")", R"("vlan":1,"vlanQoS":9)",
        R"("vlanQoS":9)", R"("vlanQoS":1)", R"("vlan":1,"vlanProto":"x")", R"("vlanProto":"x")",
        R"("vlanProto":"802.1q")", R"("vlan":0,"vlanProto":"802.1ad")", R"("vlan":0,"vlanQoS":1)",
        R"("vlan":1.5)", R"("vlan":99999999999999999999)"}) {
    EXPECT_THAT(load(b(wrong)), FailsAs(ErrorCode::invalid_config, "vlan")) << wrong;
  }
}

TEST(NetConf, C43_RefusesRatesThatMakeNoSense) {
  EXPECT_THAT(load(b(R"("min_tx_rate":300,"max_tx_rate":200)")),
              FailsAs(ErrorCode::invalid_config, "300 Mbit/s is above ceiling"));
  for (const char* const rate : {"-1", "4294967295", "\"100\"", "1.5"}) {
    EXPECT_THAT(load(b("\"max_tx_rate\":" + std::string(rate))),
                FailsAs(ErrorCode::invalid_config, "max_tx_rate"))
        << rate;
  }
  EXPECT_THAT(load(b(R"("ceiling":"1E")")), FailsAs(ErrorCode::invalid_config, "ceiling"));
  EXPECT_TRUE(load(b(R"("min_tx_rate":300,"max_tx_rate":0)")));  // 0 is no limit.
}

TEST(NetConf, C43_RefusesMisspeltKeysAndNamesTheOneThatIsMeant) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"max-tx-rate", "max_tx_rate"},
      {"maxTxRate", "max_tx_rate"},
      {"max_txrate", "max_tx_rate"},
      {"min_tx_rat", "min_tx_rate"},
      {"vlan_qos", "vlanQoS"},
      {"vlanProtocol", "vlanProto"},
      {"device_id", "deviceID"},
      {"spoofcheck", "spoofchk"},
      {"spoof_chk", "spoofchk"},
      {"linkState", "link_state"},
      {"cieling", "ceiling"},
      {"vlan_id", "vlan"},
      {"runtimeconfigs", "runtimeConfig"}};
  for (const auto& [key, meant] : cases) {
    const auto loaded = load(b("\"" + key + "\":200"));
    EXPECT_THAT(loaded, FailsAs(ErrorCode::unsupported_field, "'" + key + "'")) << key;
    EXPECT_THAT(loaded, FailsAs(ErrorCode::unsupported_field, "'" + meant + "'")) << key;
  }
  EXPECT_THAT(load(b(R"("runtimeConfig":{"bandwidth":{"egress_rate":1}})")),
              FailsAs(ErrorCode::unsupported_field, "'egressRate'"));
  EXPECT_THAT(load(b(R"("runtimeConfig":{"deviceInfo":1,"bandwith":{}})")),
              FailsAs(ErrorCode::unsupported_field, "'bandwidth'"));
}

TEST(NetConf, AcceptsKeysOfOthers) {
  EXPECT_TRUE(
      load(b(R"("resourceName":"a/b","pciBusID":"x","isGateway":true,"mode":"bridge",)"
             R"("VFID":3,"OrigVfState":{},"Master":"eth0","rdmaIsolation":true,"hwaddr":"x",)"
             R"("device":"eth0","bridge":"br0","ipMasq":true,"cni.dev/foo":1,"":2)")));
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

TEST(NetConf, RefusesWhatASoftwareLaneCannotHave) {
  const auto soft = [](const std::string& more) {
    return load(conf(R"("provider":"soft",)" + more));
  };
  EXPECT_THAT(soft(R"("child":"veth")"), FailsAs(ErrorCode::invalid_config, "master"));
  EXPECT_THAT(soft(R"("master":"eth0","child":"bond")"),
              FailsAs(ErrorCode::invalid_config, "child"));
  EXPECT_THAT(soft(R"("master":"eth0","trust":"on")"),
              FailsAs(ErrorCode::unsupported_field, "trust"));
  EXPECT_THAT(soft(R"("master":"eth0","vlan":5)"), FailsAs(ErrorCode::unsupported_field, "vlan"));
  EXPECT_THAT(load(b(R"("provider":"magic")")), FailsAs(ErrorCode::invalid_config, "provider"));
}

TEST(NetConf, RefusesOtherValuesByNameAndValue) {
  for (const char* const wrong :
       {R"("mtu":67)", R"("mtu":65536)", R"("wait":-1)", R"("wait":121)", R"("wait":"1")",
        R"("logLevel":"loud")", R"("ipam":{},"ips":["192.0.2.1"])", R"("ipam":[])",
        R"("ipam":{"type":"a/b"})", R"("ipam":{"subnet":"x"})", R"("runtimeConfig":7)",
        R"("dns":{"search":1})", R"("prevResult":{"ips":[{"address":"x"}]})"}) {
    EXPECT_THAT(load(b(wrong)), FailsAs(ErrorCode::invalid_config, "want")) << wrong;
  }
  EXPECT_THAT(load(b(R"("runtimeConfig":{"infinibandGUID":"x"})")),
              FailsAs(ErrorCode::unsupported_field, "infinibandGUID"));
}

TEST(NetConf, SetsTheAddressesItselfOnlyWithoutIpam) {
  const std::string ips = R"("runtimeConfig":{"ips":["192.0.2.7/24"]},"ips":["192.0.2.8/24"])";
  EXPECT_EQ(load(b(ips))->ips, std::vector{*IpPrefix::parse("192.0.2.7/24")});
  EXPECT_TRUE(load(b(ips + R"(,"ipam":{"type":"static"})"))->ips.empty());
}

TEST(NetConf, C61_ADelIsNotRefusedForWhatItDoesNotUse) {
  const auto loaded =
      load(b(R"("vlan":4095,"max-tx-rate":1,"trust":"yes","prevResult":7,"ipam":{"type":"x"})"),
           Command::del);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->ipam, "x");
  EXPECT_TRUE(load(conf(""), Command::del));
}

TEST(NetConf, C73_CheckNeedsAPreviousResult) {
  EXPECT_THAT(load(b(), Command::check), FailsAs(ErrorCode::invalid_config, "prevResult"));
  EXPECT_TRUE(load(b(R"("prevResult":{"interfaces":[{"name":"net1"}]})"), Command::check));
}

TEST(NetConf, C74_ReadsTheAttachmentsToKeep) {
  const auto loaded = load(
      conf(R"("cni.dev/valid-attachments":[{"containerID":"c1","ifname":"net1"}])"), Command::gc);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->keep, (std::vector<AttachmentId>{{"c1", "net1"}}));

  const auto legacy =
      load(conf(R"("cni.dev/attachments":[{"containerID":"c2","ifname":"net1"}])"), Command::gc);
  ASSERT_TRUE(legacy);
  EXPECT_EQ(legacy->keep, (std::vector<AttachmentId>{{"c2", "net1"}}));
  EXPECT_TRUE(load(conf(R"("cni.dev/valid-attachments":[])"), Command::gc)->keep.empty());
}

TEST(NetConf, C74_AGcWithoutListRemovesNothing) {
  EXPECT_THAT(load(b(), Command::gc), FailsAs(ErrorCode::invalid_config, "valid-attachments"));
  EXPECT_THAT(load(conf(R"("cni.dev/valid-attachments":[{"ifname":"net1"}])"), Command::gc),
              FailsAs(ErrorCode::invalid_config, "containerID"));
}

TEST(NetConf, AnswersErrorsInTheVersionAsked) {
  EXPECT_EQ(version_for_errors(R"({"cniVersion":"0.4.0"})"), "0.4.0");
  EXPECT_EQ(version_for_errors(R"({"cniVersion":"0.2.0"})"), "1.1.0");
  EXPECT_EQ(version_for_errors("{"), "1.1.0");
}

}  // namespace
}  // namespace sluice::cni
