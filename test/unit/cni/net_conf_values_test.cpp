// What is refused of a network configuration, by name and value.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/unit/cni/failure_matchers.h"
#include "test/unit/cni/net_conf_fixture.h"

namespace sluice::cni {
namespace {

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
