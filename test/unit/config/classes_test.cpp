#include "pkg/config/classes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/config.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

ParsedConfig parse_classes(const std::string& classes) {
  return parse_config(R"({"ports": [], "classes": )" + classes + "}");
}

std::string problems_of(const std::string& classes) {
  return to_string(parse_classes(classes).problems);
}

TEST(Classes, ReadsEverything) {
  const ParsedConfig parsed = parse_classes(R"([
    {"name": "gold", "floor": "40G", "ceiling": "100G", "weight": 3, "min": 1, "max": 8,
     "select": [{"link": "ens1f0", "vfs": "0-3"}, {"numa": 1, "driver": "ice"}]},
    {"name": "best-effort", "select": {"address": "0000:3b:00.0"}},
    {"name": "plain"}])");

  EXPECT_EQ(to_string(parsed.problems), "");
  ASSERT_EQ(parsed.config.classes.size(), 3U);
  const ClassRule& gold = parsed.config.classes[0];
  EXPECT_EQ(gold.rate, (Rate{BitRate::gbps(40), BitRate::gbps(100)}));
  EXPECT_EQ(gold.weight, 3);
  EXPECT_EQ(gold.min, 1);
  EXPECT_EQ(gold.max, 8);
  ASSERT_EQ(gold.select.size(), 2U);
  EXPECT_EQ(gold.select[0].port.link, "ens1f0");
  EXPECT_EQ(gold.select[0].vfs, *IndexSet::parse("0-3"));
  EXPECT_EQ(gold.select[1].numa_node, 1);
  EXPECT_EQ(gold.select[1].port.driver, "ice");
  EXPECT_EQ(parsed.config.classes[1].select[0].port.address, *PciAddress::parse("0000:3b:00.0"));
  const ClassRule plain{.name = "plain", .rate = {}, .max = {}};
  EXPECT_EQ(parsed.config.classes[2], plain);
  EXPECT_EQ(parsed.config.domain, "sluice.dev");
  EXPECT_EQ(parsed.config.resource("gold"), "sluice.dev/gold");
}

TEST(Classes, ReportsAllProblemsAtOnce) {
  EXPECT_EQ(problems_of(R"([
      {"name": "gold", "flor": "1G", "floor": "20G", "ceiling": "10G", "weight": 0, "min": 3, "max": 2},
      {"floor": "0", "ceiling": "x", "select": [{"vfs": "3-1", "numa": -1}, 7]},
      {"name": "", "floor": 5, "ceiling": "0", "weight": 1.5, "select": []},
      7])"),
            "/classes/0/flor: unknown key; did you mean \"floor\"?\n"
            "/classes/0/weight: want a whole number from 1 to 1000, got '0'\n"
            "/classes/0/floor: 20 Gbit/s is above the ceiling 10 Gbit/s\n"
            "/classes/0/min: 3 is above max 2\n"
            "/classes/1: has no \"name\"\n"
            "/classes/1/floor: zero; leave it out where nothing is promised\n"
            "/classes/1/ceiling: quantity 'x': want a number of at most 19 digits, like 25G or "
            "2.5G\n"
            "/classes/1/select/0/numa: want a whole number from 0 to 1023, got '-1'\n"
            "/classes/1/select/0/vfs: range '3-1' runs backwards\n"
            "/classes/1/select/1: want an object\n"
            "/classes/2/name: want a text that is not empty\n"
            "/classes/2/floor: want a quantity in bit/s in quotes, like \"25G\"\n"
            "/classes/2/ceiling: zero; leave it out where nothing is limited\n"
            "/classes/2/weight: want a whole number from 1 to 1000, got '1.5'\n"
            "/classes/2/select: selects nothing; {} selects all VFs\n"
            "/classes/3: want an object\n");
  EXPECT_EQ(problems_of("{}"), "/classes: want a list of classes\n");
}

TEST(Classes, D21_RefusesNamesThatAreTaken) {
  EXPECT_EQ(
      problems_of(R"([{"name": "gold"}, {"name": "a-b"}, {"name": "gold"}, {"name": "a.b"}])"),
      "/classes/2/name: 'gold' is the name of /classes/0 already\n"
      "/classes/3/name: 'a.b' and 'a-b' of /classes/1 would have the same environment "
      "variable\n");
}

TEST(Classes, RefusesTheNameOfTheResourceOfAnnotatedPods) {
  EXPECT_EQ(
      problems_of(R"([{"name": "rdma"}, {"name": "rdma-1"}])"),
      "/classes/0/name: 'rdma' is the resource by which containers of annotated pods get their "
      "devices\n");
}

TEST(Classes, D21_RefusesNamesThatKubernetesDoesNotTake) {
  for (const char* name : {"a", "gold", "10g", "a-b.c-d", "0"}) {
    EXPECT_EQ(class_name_problem(name), "") << name;
  }
  EXPECT_EQ(class_name_problem(std::string(63, 'a')), "");
  for (const char* name : {"", "Gold", "a_b", "-a", "a-", "a..b", ".a", "a.", "a.-b", "a/b", "ü"}) {
    EXPECT_THAT(class_name_problem(name), HasSubstr("want at most 63 of a-z, 0-9")) << name;
  }
  EXPECT_THAT(class_name_problem(std::string(64, 'a')), HasSubstr("want at most 63"));
  EXPECT_EQ(problems_of(R"([{"name": "A"}])").substr(0, 16), "/classes/0/name:");
}

TEST(Classes, RefusesDomainsThatKubernetesDoesNotTake) {
  EXPECT_EQ(domain_problem("sluice.dev"), "");
  EXPECT_EQ(domain_problem("rdma"), "");
  for (const char* domain : {"", "Sluice.dev", "sluice.dev/", "sluice_dev", "a..b"}) {
    EXPECT_THAT(domain_problem(domain), HasSubstr("want a domain like \"sluice.dev\"")) << domain;
  }
  EXPECT_NE(domain_problem(std::string(245, 'a')), "");
  EXPECT_EQ(domain_problem("kubernetes.io"), "'kubernetes.io' belongs to Kubernetes itself");
  EXPECT_NE(domain_problem("x.kubernetes.io"), "");
  EXPECT_NE(domain_problem("requests.sluice.dev"), "");
  EXPECT_EQ(to_string(parse_config(R"({"ports": [], "domain": "x.kubernetes.io"})").problems),
            "/domain: 'x.kubernetes.io' belongs to Kubernetes itself\n");
}

TEST(Classes, AResourceTellsItsClass) {
  const Config config{.domain = "sluice.dev", .ports = {}, .classes = {}};
  EXPECT_EQ(config.resource("gold"), "sluice.dev/gold");
  EXPECT_EQ(config.class_of("sluice.dev/gold"), "gold");
  EXPECT_EQ(config.class_of("sluice.dev/rdma"), std::nullopt);
  EXPECT_EQ(config.class_of("sluice.device/gold"), std::nullopt);
  EXPECT_EQ(config.class_of("example.com/gold"), std::nullopt);
  EXPECT_EQ(config.class_of("cpu"), std::nullopt);
}

// With a share for claims where one is wanted.
std::string problems_with_claims(const std::string& classes) {
  return to_string(
      parse_config(
          R"({"ports": [{"select": {}, "vfs": 4, "shares": {"claims": {}}}], "classes": )" +
          classes + "}")
          .problems);
}

TEST(Classes, OneFrontEndServesEach) {
  const ParsedConfig parsed = parse_config(
      R"({"ports": [{"select": {}, "vfs": 4, "shares": {"classes": {}, "claims": {"vfs": 2, "bandwidth": "40%"}}}],
          "classes": [{"name": "gold", "by": "claims"}, {"name": "silver"}, {"name": "tin", "by": "classes"}]})");
  EXPECT_EQ(to_string(parsed.problems), "");
  const auto names = [&](FrontEndName front_end) {
    std::vector<std::string> served;
    for (const ClassRule& rule : parsed.config.classes_of(front_end)) served.push_back(rule.name);
    return served;
  };
  EXPECT_THAT(names(FrontEndName::claims), ElementsAre("gold"));
  EXPECT_THAT(names(FrontEndName::classes), ElementsAre("silver", "tin"));
  EXPECT_THAT(names(FrontEndName::pods), testing::IsEmpty());
}

TEST(Classes, AFrontEndThatCannotServeAClassIsRefused) {
  EXPECT_EQ(problems_with_claims(R"([{"name": "gold", "by": "pods"}])"),
            "/classes/0/by: want \"classes\" or \"claims\", got 'pods'\n");
  EXPECT_EQ(problems_of(R"([{"name": "tin"}, {"name": "gold", "by": "claims"}])"),
            "/classes/1/by: no rule of /ports gives claims a share\n");
}

TEST(Classes, ClaimsServeNoMoreThanOneSetOfCountersHolds) {
  std::string list;
  for (std::size_t i = 0; i < kMostClassesOfClaims; ++i) {
    list += fmt::format(R"({{"name": "c{}", "by": "claims"}},)", i);
  }
  EXPECT_EQ(problems_with_claims("[" + list + R"({"name": "other"}])"), "");
  EXPECT_EQ(problems_with_claims("[" + list + R"({"name": "one-more", "by": "claims"}])"),
            "/classes: 33 classes are served by claims, at most 32 can be\n");
}

TEST(Classes, TooManyAreRefused) {
  std::string list;
  for (std::size_t i = 0; i <= kMostClasses; ++i) list += fmt::format(R"(,{{"name": "c{}"}})", i);
  EXPECT_EQ(problems_of("[" + list.substr(1) + "]"), "/classes: 65 classes, at most 64 can be\n");
}

TEST(VfSelector, MatchesWhenAllThatIsGivenHolds) {
  Port port;
  port.driver = "ice";
  port.numa_node = 1;
  VfSelector select{
      .port = {.driver = "ice", .address = {}, .link = {}, .vendor_id = {}, .device_id = {}},
      .numa_node = 1,
      .vfs = *IndexSet::parse("2-3")};
  EXPECT_TRUE(select.matches(port, 2));
  EXPECT_FALSE(select.matches(port, 4));
  port.numa_node = std::nullopt;
  EXPECT_FALSE(select.matches(port, 2));
  port.numa_node = 1;
  port.driver = "igb";
  EXPECT_FALSE(select.matches(port, 2));
}

TEST(VfSelector, OneThatMatchesIsEnough) {
  ClassRule rule;
  EXPECT_TRUE(rule.may_use(Port(), 0));
  rule.select = {{.port = {}, .numa_node = 7, .vfs = {}},
                 {.port = {}, .numa_node = {}, .vfs = *IndexSet::parse("1")}};
  EXPECT_FALSE(rule.may_use(Port(), 0));
  EXPECT_TRUE(rule.may_use(Port(), 1));
}

}  // namespace
}  // namespace sluice
