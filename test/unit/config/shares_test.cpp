#include "pkg/config/shares.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/config.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr BitRate kLine = BitRate::gbps(100);

ParsedConfig parse_shares(const std::string& shares, const std::string& vfs = "8") {
  return parse_config(R"({"ports": [{"select": {}, "vfs": )" + vfs + R"(, "shares": )" + shares +
                      "}]}");
}

std::string problems_of(const std::string& shares, const std::string& vfs = "8") {
  return to_string(parse_shares(shares, vfs).problems);
}

Shares divide(const std::string& shares, BitRate usable = kLine) {
  const ParsedConfig parsed = parse_shares(shares);
  EXPECT_EQ(to_string(parsed.problems), "");
  return divide_port(parsed.config.ports.rules.front().shares, usable, {0, 1, 2, 3, 4, 5, 6, 7});
}

TEST(Shares, ClassesHaveAllByDefault) {
  const Shares shares = divide_port(ShareRules(), kLine, {0, 1, 2});
  EXPECT_THAT(shares, ElementsAre(Share{.vfs = {0, 1, 2}, .bandwidth = kLine}, Share(), Share()));
}

TEST(Shares, J1_ClassesAndClaimsNeverOverlap) {
  const Shares shares = divide(R"({"classes": {"vfs": 5, "bandwidth": "60G"},
                                   "claims": {"vfs": 3, "bandwidth": "40G"}})");
  EXPECT_THAT(shares, ElementsAre(Share{{0, 1, 2, 3, 4}, BitRate::gbps(60)},
                                  Share{{5, 6, 7}, BitRate::gbps(40)}, Share()));
}

TEST(Shares, WhatIsLeftOutIsWhatTheOthersLeave) {
  const Shares shares = divide(R"({"classes": {}, "claims": {"vfs": "0-1", "bandwidth": "25%"},
                                   "pods": {"vfs": 1, "bandwidth": "5G"}})");
  EXPECT_THAT(shares, ElementsAre(Share{{3, 4, 5, 6, 7}, BitRate::gbps(70)},
                                  Share{{0, 1}, BitRate::gbps(25)}, Share{{2}, BitRate::gbps(5)}));
}

TEST(Shares, AFrontEndThatIsNotNamedHasNothing) {
  const Shares shares = divide(R"({"claims": {"vfs": 2, "bandwidth": "0%"}})");
  EXPECT_THAT(shares, ElementsAre(Share(), Share{{0, 1}, BitRate()}, Share()));
  EXPECT_THAT(divide("{}"), ElementsAre(Share(), Share(), Share()));
}

TEST(Shares, APortWithLessThanIsNamedServesClassesFirst) {
  const ShareRules rules = parse_shares(R"({"classes": {"vfs": 5, "bandwidth": "60G"},
                                            "claims": {"vfs": 3, "bandwidth": "40G"},
                                            "pods": {}})",
                                        "8")
                               .config.ports.rules.front()
                               .shares;
  EXPECT_THAT(divide_port(rules, BitRate::gbps(70), {0, 1, 2, 3, 4, 5}),
              ElementsAre(Share{{0, 1, 2, 3, 4}, BitRate::gbps(60)}, Share{{5}, BitRate::gbps(10)},
                          Share()));
  EXPECT_THAT(divide_port(rules, BitRate(), {}), ElementsAre(Share(), Share(), Share()));
}

UsablePart usable(const std::string& shares) {
  const ParsedConfig parsed = parse_shares(shares);
  EXPECT_EQ(to_string(parsed.problems), "");
  return usable_part(parsed.config.ports.rules.front().shares);
}

TEST(Shares, WhatNoneNamesIsKeptBack) {
  EXPECT_EQ(
      usable(R"({"classes": {"vfs": 2, "bandwidth": "60G"}, "claims": {"bandwidth": "25%"}})"),
      (UsablePart{.fixed = BitRate::gbps(60), .percent = 25}));
  EXPECT_EQ(usable(R"({"classes": {"vfs": 2, "bandwidth": "0%"}})").of(kLine), BitRate());
}

TEST(Shares, NothingIsKeptBackWhereOneTakesTheRestOrNoneIsNamed) {
  EXPECT_EQ(usable_part(ShareRules()), UsablePart());
  EXPECT_EQ(usable(R"({"classes": {}, "claims": {"vfs": 2, "bandwidth": "25%"}})"), UsablePart());
  EXPECT_EQ(usable("{}"), UsablePart());
}

TEST(Shares, ReportsAllProblems) {
  EXPECT_EQ(problems_of(R"({"clases": {}, "claims": {"vfs": -1, "bandwidth": "101%", "x": 1},
                            "pods": []})"),
            "/ports/0/shares/clases: unknown key; did you mean \"classes\"?\n"
            "/ports/0/shares/claims/x: unknown key\n"
            "/ports/0/shares/claims/vfs: want a whole number from 0 to 65535, got '-1'\n"
            "/ports/0/shares/claims/bandwidth: want a whole number of percent from 0% to 100%, got "
            "'101%'\n"
            "/ports/0/shares/pods: want an object\n"
            "/ports/0/shares: the shares take 101% of the bandwidth\n");
  EXPECT_EQ(problems_of(R"({"claims": {"vfs": "0-9", "bandwidth": 7}})"),
            "/ports/0/shares/claims/bandwidth: want a quantity in bit/s in quotes, like \"25G\"\n"
            "/ports/0/shares: VF 9 is asked for, the ports have 8 VFs, from 0\n");
  EXPECT_EQ(problems_of(R"({"claims": {"vfs": "x", "bandwidth": "0"}})"),
            "/ports/0/shares/claims/vfs: want VF indices like \"0-3,7\", got 'x'\n"
            "/ports/0/shares/claims/bandwidth: zero; write \"0%\" for none\n");
}

TEST(Shares, RefusesSharesThatOverlap) {
  EXPECT_EQ(problems_of(R"({"classes": {"vfs": "0-3", "bandwidth": "60%"},
                            "claims": {"vfs": "3-5", "bandwidth": "50%"}, "pods": {}})"),
            "/ports/0/shares: the shares take 110% of the bandwidth\n"
            "/ports/0/shares/claims/vfs: VF 3 is in the share of classes too\n");
  EXPECT_EQ(problems_of(R"({"classes": {"vfs": 5}, "claims": {"vfs": 4, "bandwidth": "1G"}})"),
            "/ports/0/shares: the shares take 9 VFs, the ports have 8\n");
  EXPECT_EQ(
      problems_of(R"({"classes": {"vfs": 5}, "claims": {"vfs": 4, "bandwidth": "1G"}})", "\"max\""),
      "");
  EXPECT_EQ(problems_of(R"({"classes": {}, "claims": {}})"),
            "/ports/0/shares: only one share can leave out \"vfs\", which means all that is left\n"
            "/ports/0/shares: only one share can leave out \"bandwidth\", which means all that is "
            "left\n");
  EXPECT_EQ(problems_of("7"), "/ports/0/shares: want an object\n");
}

}  // namespace
}  // namespace sluice
