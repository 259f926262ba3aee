#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/config.h"

namespace sluice {
namespace {

using ::testing::ElementsAre;

std::string problems_of(const std::string& text) {
  return to_string(parse_config(text).problems);
}

std::string problems_of_rule(const std::string& rule) {
  return problems_of(R"({"ports": [)" + rule + "]}");
}

TEST(ProvisionConfig, ReadsEverything) {
  const ParsedConfig parsed = parse_config(R"({"ports": [
    {"select": {"driver": "mlx5_core", "address": "0000:3b:00.0", "link": "ens*",
                "vendor": "15b3", "device": "0x101d"}, "vfs": 16, "spoofchk": false},
    {"select": {"driver": "ice"}, "vfs": "max"},
    {"select": {}, "vfs": "leave"}]})");

  EXPECT_EQ(to_string(parsed.problems), "");
  EXPECT_THAT(parsed.config.ports.rules,
              ElementsAre(ProvisionRule{.select = {.driver = "mlx5_core",
                                                   .address = *PciAddress::parse("0000:3b:00.0"),
                                                   .link = "ens*",
                                                   .vendor_id = 0x15b3,
                                                   .device_id = 0x101d},
                                        .vfs = VfCount::exactly(16),
                                        .spoofchk = false},
                          ProvisionRule{.select = {.driver = "ice",
                                                   .address = {},
                                                   .link = {},
                                                   .vendor_id = {},
                                                   .device_id = {}},
                                        .vfs = VfCount::max(),
                                        .spoofchk = true},
                          ProvisionRule{}));
}

TEST(ProvisionConfig, ReportsAllProblemsAtOnceWithTheirPointers) {
  EXPECT_EQ(problems_of(R"({"port": 1, "ports": [
    {"select": {"adress": "x", "vendor": "15b", "device": 7, "address": "3b:00.0"}, "vfs": -1},
    {"vsf": 3, "spoofchk": 1},
    7]})"),
            "/port: unknown key; did you mean \"ports\"?\n"
            "/ports/0/select/adress: unknown key; did you mean \"address\"?\n"
            "/ports/0/select/vendor: want four hexadecimal digits like \"15b3\", got '15b'\n"
            "/ports/0/select/device: want a text that is not empty\n"
            "/ports/0/select/address: want a PCI address like 0000:3b:02.1, got '3b:00.0'\n"
            "/ports/0/vfs: want a number of VFs from 0 to 65535, \"max\" or \"leave\", got '-1'\n"
            "/ports/1/vsf: unknown key; did you mean \"vfs\"?\n"
            "/ports/1: has no \"select\"; {} selects all ports\n"
            "/ports/1: has no \"vfs\"\n"
            "/ports/1/spoofchk: want true or false\n"
            "/ports/2: want an object\n");
}

TEST(ProvisionConfig, RefusesWhatIsNoConfiguration) {
  EXPECT_EQ(problems_of("[]"), "want an object\n");
  EXPECT_EQ(problems_of("{}"), "has no \"ports\"\n");
  EXPECT_EQ(problems_of(R"({"ports": {}})"), "/ports: want a list of rules\n");
  EXPECT_EQ(problems_of(R"({"a/b~c": 1, "ports": []})"), "/a~1b~0c: unknown key\n");
}

TEST(ProvisionConfig, RefusesOddCounts) {
  for (const char* count : {"65536", "1.5", "\"8\"", "\"MAX\"", "null", "true", "[]", "1e99"}) {
    EXPECT_THAT(problems_of_rule(fmt::format(R"({{"select": {{}}, "vfs": {}}})", count)),
                ::testing::StartsWith("/ports/0/vfs: want a number of VFs from 0 to 65535"))
        << count;
  }
  for (const char* count : {"0", "65535"}) {
    EXPECT_EQ(problems_of_rule(fmt::format(R"({{"select": {{}}, "vfs": {}}})", count)), "")
        << count;
  }
}

TEST(ProvisionConfig, RefusesEmptyAndNonTextSelectors) {
  for (const char* key : {"driver", "link", "vendor", "device", "address"}) {
    for (const char* value : {"\"\"", "1", "null", "[]"}) {
      EXPECT_EQ(
          problems_of_rule(fmt::format(R"({{"select": {{"{}": {}}}, "vfs": 1}})", key, value)),
          fmt::format("/ports/0/select/{}: want a text that is not empty\n", key));
    }
  }
}

Port port() {
  Port port;
  port.address = *PciAddress::parse("0000:3b:00.0");
  port.driver = "mlx5_core";
  port.link = "ens1f0np0";
  port.vendor_id = 0x15b3;
  port.device_id = 0x101d;
  return port;
}

TEST(PortSelector, MatchesWhenAllThatIsGivenHolds) {
  PortSelector select;
  EXPECT_TRUE(select.matches(port()));
  select = {.driver = "mlx5_core",
            .address = port().address,
            .link = "ens*f0*",
            .vendor_id = 0x15b3,
            .device_id = 0x101d};
  EXPECT_TRUE(select.matches(port()));
}

TEST(PortSelector, DoesNotMatchWhenOneThingDiffers) {
  const auto differs = [](auto change) {
    PortSelector select;
    change(select);
    return !select.matches(port());
  };
  EXPECT_TRUE(differs([](PortSelector& s) { s.driver = "mlx5"; }));
  EXPECT_TRUE(differs([](PortSelector& s) { s.address = *PciAddress::parse("0000:3b:00.1"); }));
  EXPECT_TRUE(differs([](PortSelector& s) { s.link = "ens1"; }));
  EXPECT_TRUE(differs([](PortSelector& s) { s.vendor_id = 0x8086; }));
  EXPECT_TRUE(differs([](PortSelector& s) { s.device_id = 0x1592; }));
}

TEST(ProvisionConfig, TheFirstRuleThatMatchesDecides) {
  ProvisionConfig config;
  EXPECT_EQ(config.rule_for(port()), nullptr);
  config.rules.resize(3);
  config.rules[0].select.driver = "ice";
  EXPECT_EQ(config.rule_for(port()), &config.rules[1]);
}

}  // namespace
}  // namespace sluice
