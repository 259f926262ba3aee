#include "cni/protocol/result.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cni/protocol/fields.h"
#include "cni/protocol/version.h"
#include "test/support/golden.h"
#include "test/unit/cni/failure_matchers.h"

namespace sluice::cni {
namespace {

IpPrefix prefix(const char* text) {
  return *IpPrefix::parse(text);
}

AddResult full() {
  AddResult result;
  result.interfaces = {{.name = "br0", .mac = "02:00:00:00:00:01"},
                       {.name = "net1",
                        .mac = "60:00:00:00:00:e1",
                        .mtu = 1500,
                        .sandbox = "/run/netns/p1",
                        .pci_id = "0000:af:06.0"}};
  result.ips = {{.interface = 1,
                 .address = prefix("192.0.2.1/24"),
                 .gateway = *IpAddress::parse("192.0.2.254")},
                {.interface = 1, .address = prefix("2001:db8::1/64"), .gateway = std::nullopt}};
  result.routes = {
      {.destination = prefix("0.0.0.0/0"), .gateway = *IpAddress::parse("192.0.2.254")},
      {.destination = prefix("2001:db8:1::/48"), .mtu = 1400, .priority = 7, .table = 9}};
  result.dns = {.nameservers = {"192.0.2.53"}, .domain = "example.org", .search = {"a", "b"}};
  return result;
}

TEST(Result, IsWrittenInTheWordsOfEachVersion) {
  for (const std::string_view version : kVersions) {
    EXPECT_JSON_EQ_GOLDEN(encode_result(full(), version),
                          "cni/result-" + std::string(version) + ".json");
  }
}

TEST(Result, C20_IsWrittenAsTheSpecificationOrdersIt) {
  AddResult result;
  result.interfaces = {full().interfaces[1]};
  EXPECT_EQ(encode_result(result, "1.1.0"),
            R"({"cniVersion":"1.1.0","interfaces":[{"name":"net1","mac":"60:00:00:00:00:e1",)"
            R"("mtu":1500,"sandbox":"/run/netns/p1","pciID":"0000:af:06.0"}]})");
}

TEST(Result, HasDnsAlwaysInOldVersionsAndLaterOnlyWhenSet) {
  EXPECT_THAT(encode_result({}, "0.4.0"), testing::HasSubstr(R"("dns":{})"));
  EXPECT_THAT(encode_result({}, "1.0.0"), testing::Not(testing::HasSubstr("dns")));
}

TEST(Result, ComesBackAsItWasWritten) {
  const auto json = nlohmann::json::parse(encode_result(full(), "1.1.0"));

  const auto decoded = decode_result(Fields(json, "prevResult"));

  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(*decoded, full());
}

TEST(Result, NamesTheMemberThatIsWrong) {
  const auto decode = [](const char* text) {
    const auto json = nlohmann::json::parse(text);
    return decode_result(Fields(json, "prevResult"));
  };
  EXPECT_THAT(decode(R"({"ips":[{"address":"x"}]})"),
              FailsAs(ErrorCode::invalid_config, "prevResult.ips[0].address"));
  EXPECT_THAT(decode(R"({"ips":[{"address":"192.0.2.1/24","gateway":"x"}]})"),
              FailsAs(ErrorCode::invalid_config, "prevResult.ips[0].gateway"));
  EXPECT_THAT(decode(R"({"routes":[{"dst":"0.0.0.0/0"},{"dst":"x"}]})"),
              FailsAs(ErrorCode::invalid_config, "prevResult.routes[1].dst"));
  EXPECT_THAT(
      decode(R"({"interfaces":[{"name":"a"}],"ips":[{"interface":1,"address":"192.0.2.1/24"}]})"),
      FailsAs(ErrorCode::invalid_config, "prevResult.ips[0].interface"));
  EXPECT_THAT(decode(R"({"interfaces":{}})"), FailsAs(ErrorCode::invalid_config, "interfaces"));
}

}  // namespace
}  // namespace sluice::cni
