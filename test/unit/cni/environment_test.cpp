#include "cni/protocol/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "test/unit/cni/failure_matchers.h"

namespace sluice::cni {
namespace {

using Map = std::map<std::string, std::string>;

Outcome<Environment> parse(const Map& map) {
  return parse_environment([&](const char* name) {
    const auto found = map.find(name);
    return found == map.end() ? std::nullopt : std::optional(found->second);
  });
}

Map base(const std::string& command = "ADD") {
  return {{"CNI_COMMAND", command},
          {"CNI_CONTAINERID", "c1"},
          {"CNI_NETNS", "/run/netns/p1"},
          {"CNI_IFNAME", "net1"},
          {"CNI_PATH", "/a::/b"}};
}

Map with(const std::string& key, const std::string& value) {
  Map map = base();
  map[key] = value;
  return map;
}

TEST(Environment, ReadsWhatAddNeeds) {
  Map map =
      with("CNI_ARGS", "IgnoreUnknown=1;K8S_POD_NAMESPACE=ml;K8S_POD_NAME=a;K8S_POD_UID=u;X=Y;");
  map["CNI_NETNS_OVERRIDE"] = "TRUE";

  const auto environment = parse(map);

  ASSERT_TRUE(environment) << environment.error().message;
  EXPECT_EQ(environment->command, Command::add);
  EXPECT_EQ(environment->container_id, "c1");
  EXPECT_EQ(environment->netns, "/run/netns/p1");
  EXPECT_EQ(environment->ifname, "net1");
  EXPECT_THAT(environment->path, testing::ElementsAre("/a", "/b"));
  EXPECT_TRUE(environment->may_be_own_netns);
  EXPECT_EQ(environment->args.pod(), "ml/a");
}

TEST(Environment, C01_VersionNeedsNothingElse) {
  EXPECT_TRUE(parse({{"CNI_COMMAND", "VERSION"}}));
}

TEST(Environment, C02_RefusesAMissingCommand) {
  EXPECT_THAT(parse({}), FailsAs(ErrorCode::invalid_environment, "CNI_COMMAND"));
}

TEST(Environment, C03_NamesAllThatIsMissingAtOnce) {
  Map map = base();
  map.erase("CNI_NETNS");
  map["CNI_IFNAME"] = "";
  EXPECT_THAT(parse(map), FailsAs(ErrorCode::invalid_environment,
                                  "required env variables [CNI_NETNS,CNI_IFNAME] missing"));
}

TEST(Environment, C04_RefusesNamesThatNoLinkCanHave) {
  for (const char* const name : {"abcdefghijklmnop", "a/b", "..", ".", "a:b", "a b", "a\tb"}) {
    EXPECT_THAT(parse(with("CNI_IFNAME", name)),
                FailsAs(ErrorCode::invalid_environment, "invalid CNI_IFNAME"))
        << name;
  }
  EXPECT_TRUE(parse(with("CNI_IFNAME", "abcdefghijklmno")));
}

TEST(Environment, C05_RefusesAMalformedContainerId) {
  for (const char* const id : {"-x", "a/b", "..", "a b"}) {
    EXPECT_THAT(parse(with("CNI_CONTAINERID", id)),
                FailsAs(ErrorCode::invalid_environment, "invalid CNI_CONTAINERID"));
  }
}

TEST(Environment, C09_RefusesAnUnknownCommand) {
  EXPECT_THAT(parse(base("FOO")), FailsAs(ErrorCode::invalid_environment, "'FOO'"));
  EXPECT_THAT(parse(base("add")), FailsAs(ErrorCode::invalid_environment, "'add'"));
}

TEST(Environment, C62_DelNeedsNoNetns) {
  Map map = base("DEL");
  map["CNI_NETNS"] = "";
  EXPECT_TRUE(parse(map));
}

TEST(Environment, GcAndStatusNeedOnlyTheCommand) {
  EXPECT_TRUE(parse({{"CNI_COMMAND", "GC"}}));
  EXPECT_TRUE(parse({{"CNI_COMMAND", "STATUS"}}));
}

TEST(Environment, ADelDoesNotFailForItsArguments) {
  Map map = base("DEL");
  map["CNI_ARGS"] = "nonsense";
  EXPECT_TRUE(parse(map));
}

TEST(Args, RefusesWhatIsNoPair) {
  EXPECT_THAT(parse_args("A"), FailsAs(ErrorCode::invalid_environment, "want KEY=VALUE, got 'A'"));
  EXPECT_THAT(parse_args("=1"), FailsAs(ErrorCode::invalid_environment, "'=1'"));
}

TEST(Args, RefusesUnknownKeysUnlessToldToIgnoreThem) {
  EXPECT_THAT(parse_args("FOO=1"), FailsAs(ErrorCode::invalid_environment, "unknown key 'FOO'"));
  EXPECT_THAT(parse_args("FOO=1;IgnoreUnknown=0"), FailsAs(ErrorCode::invalid_environment, "FOO"));
  EXPECT_TRUE(parse_args("FOO=1;IgnoreUnknown=true"));
  EXPECT_TRUE(parse_args(""));
}

TEST(Args, TakesTheMacAndRefusesABadOne) {
  const auto args = parse_args("MAC=CA:FE:C0:FF:EE:00");
  ASSERT_TRUE(args);
  EXPECT_EQ(args->mac->to_string(), "ca:fe:c0:ff:ee:00");
  EXPECT_THAT(parse_args("MAC=ca:fe"), FailsAs(ErrorCode::invalid_environment, "CNI_ARGS MAC"));
}

}  // namespace
}  // namespace sluice::cni
