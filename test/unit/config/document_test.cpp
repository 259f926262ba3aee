#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/config.h"

namespace sluice {
namespace {

std::string problems_of(const std::string& text) {
  return to_string(parse_config(text).problems);
}

TEST(ConfigDocument, SaysWhereItStopsBeingJson) {
  EXPECT_EQ(problems_of(""), "not JSON at line 1, column 0\n");
  EXPECT_EQ(problems_of("{"), "not JSON at line 1, column 1\n");
  EXPECT_EQ(problems_of("{\n  \"ports\": [],\n  \"classes\": [,]\n}"),
            "not JSON at line 3, column 15\n");
  EXPECT_EQ(problems_of("{\"ports\": []} x"), "not JSON at line 1, column 15\n");
  EXPECT_EQ(problems_of("{\"ports\": [] // none\n}"), "not JSON at line 1, column 14\n");
}

TEST(ConfigDocument, SaysWhichKeyIsThereTwice) {
  EXPECT_EQ(problems_of(R"({"ports": [{"select": {}, "vfs": 1}, {"select": {}, "vfs": 1, "vfs": 2}],
                            "classes": [], "ports": []})"),
            "/ports/1/vfs: is there twice; only one could count\n"
            "/ports: is there twice; only one could count\n");
  EXPECT_EQ(problems_of(R"({"ports": [], "a/b": [{}, [1, {"x~": 1, "x~": 2}]]})"),
            "/a~1b/1/1/x~0: is there twice; only one could count\n"
            "/a~1b: unknown key\n");
}

TEST(ConfigDocument, TheSameKeyInTwoObjectsIsNotTwice) {
  EXPECT_EQ(problems_of(R"({"ports": [{"select": {"link": "a"}, "vfs": 1},
                                      {"select": {"link": "b"}, "vfs": 1}]})"),
            "");
}

TEST(ConfigDocument, NestingBeyondReasonIsNoDanger) {
  constexpr std::size_t kDeep = 100'000;
  const std::string deep = std::string(kDeep, '[') + std::string(kDeep, ']');
  EXPECT_EQ(problems_of(std::string(kDeep, '[')), "nested deeper than 64 levels\n");
  EXPECT_EQ(problems_of(deep), "nested deeper than 64 levels\n");
  EXPECT_EQ(problems_of(R"({"ports": [{"select": {}, "vfs": )" + deep + "}]}"),
            "nested deeper than 64 levels\n");
}

TEST(ConfigDocument, NestsAsDeepAsIsAllowed) {
  const std::string arrays = std::string(64, '[') + std::string(64, ']');
  EXPECT_EQ(problems_of(arrays), "want an object\n");
  EXPECT_EQ(problems_of("[" + arrays + "]"), "nested deeper than 64 levels\n");
}

LockedMemory locked_memory_of(const std::string& value) {
  const ParsedConfig parsed = parse_config(R"({"ports": [], "lockedMemory": )" + value + "}");
  EXPECT_EQ(to_string(parsed.problems), "") << value;
  return parsed.config.locked_memory;
}

TEST(ConfigDocument, SaysHowMuchMemoryContainersMayLock) {
  constexpr std::uint64_t kGibibyte = 1 << 30;
  EXPECT_EQ(parse_config(R"({"ports": []})").config.locked_memory, LockedMemory{});
  EXPECT_EQ(LockedMemory{}.mode, LockedMemory::Mode::unlimited);
  EXPECT_EQ(locked_memory_of(R"("unlimited")"), LockedMemory{});
  EXPECT_EQ(locked_memory_of(R"("leave")"), LockedMemory{.mode = LockedMemory::Mode::leave});
  EXPECT_EQ(locked_memory_of(R"("16Gi")"),
            (LockedMemory{.mode = LockedMemory::Mode::bytes, .bytes = 16 * kGibibyte}));
  EXPECT_EQ(locked_memory_of(R"("65536")"),
            (LockedMemory{.mode = LockedMemory::Mode::bytes, .bytes = 65536}));
}

TEST(ConfigDocument, RefusesOtherLimitsOfLockedMemory) {
  for (const std::string value : {R"("")", R"("0")", R"("-1")", R"("1.5")", R"("Unlimited")",
                                  R"("9Ei")", "1024", "null", "true", "[]"}) {
    EXPECT_EQ(problems_of(R"({"ports": [], "lockedMemory": )" + value + "}"),
              "/lockedMemory: want \"unlimited\", \"leave\" or a quantity of bytes above zero, "
              "like \"16Gi\", got '" +
                  value + "'\n");
  }
}

TEST(ConfigDocument, SaysWhatInterfacesOfThePapersAnnotationAreCalled) {
  using Names = PodRules::InterfaceNames;
  const auto names = [](const std::string& pods) {
    const ParsedConfig parsed = parse_config(R"({"ports": [], "pods": )" + pods + "}");
    EXPECT_EQ(to_string(parsed.problems), "") << pods;
    return parsed.config.pods.interface_names;
  };
  EXPECT_EQ(parse_config(R"({"ports": []})").config.pods.interface_names, Names::net);
  EXPECT_EQ(names("{}"), Names::net);
  EXPECT_EQ(names(R"({"interfaceNames": "net"})"), Names::net);
  EXPECT_EQ(names(R"({"interfaceNames": "eth"})"), Names::eth);
  EXPECT_EQ(problems_of(R"({"ports": [], "pods": {"interfaceNames": "ens"}})"),
            "/pods/interfaceNames: want \"net\" or \"eth\", got 'ens'\n");
  EXPECT_EQ(problems_of(R"({"ports": [], "pods": {"names": "eth"}})"),
            "/pods/names: unknown key\n");
  EXPECT_EQ(problems_of(R"({"ports": [], "pods": []})"), "/pods: want an object\n");
}

}  // namespace
}  // namespace sluice
