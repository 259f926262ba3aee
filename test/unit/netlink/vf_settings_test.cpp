#include "pkg/netlink/vf_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const VfSettings kAll = {.mac = MacAddress({2, 0, 0, 0, 0, 1}),
                         .vlan = VlanTag{.id = 7, .qos = 3, .protocol = VlanTag::kDot1ad},
                         .rate = Rate{.floor = BitRate::mbps(10), .ceiling = {}},
                         .spoofchk = true,
                         .trust = false,
                         .link_state = VfLinkState::enable};

std::vector<std::string> told(const std::vector<VfDifference>& differences) {
  std::vector<std::string> lines;
  for (const VfDifference& each : differences) {
    lines.push_back(fmt::format("{}: {} written, {} found", each.what, each.expected, each.found));
  }
  return lines;
}

TEST(VfSettings, ComeApartInTheKernelsOrderAndTogetherAgain) {
  std::string names;
  VfSettings again;
  for (const VfSettings& part : one_by_one(kAll)) {
    names += names_of(part) + " ";
    merge(again, part);
  }
  EXPECT_EQ(names, "mac vlan rate spoofchk link_state trust ");
  EXPECT_EQ(again, kAll);
  EXPECT_EQ(names_of(kAll), "mac, vlan, rate, spoofchk, link_state, trust");
  EXPECT_THAT(one_by_one({}), IsEmpty());
}

TEST(VfSettings, MergingReplacesWhatIsGivenAlone) {
  VfSettings settings = {.spoofchk = true, .trust = true};
  merge(settings, {.trust = false});
  EXPECT_EQ(settings, (VfSettings{.spoofchk = true, .trust = false}));
}

TEST(VfSettings, AreToldApartByWhichAreGivenNotByTheirValues) {
  const VfSettings others = {.rate = Rate(), .trust = true};
  EXPECT_TRUE(is_among({.trust = false}, others));
  EXPECT_FALSE(is_among({.spoofchk = true}, others));
  EXPECT_EQ(common(kAll, others), (VfSettings{.rate = kAll.rate, .trust = false}));
  VfSettings rest = kAll;
  rest.rate.reset();
  rest.trust.reset();
  EXPECT_EQ(without(kAll, others), rest);
}

TEST(VfSettings, OfWhichTheDriverSaysNothingAreNotKnown) {
  EXPECT_EQ(known_of(kAll, VfInfo()), (VfSettings{.mac = kAll.mac}));
  EXPECT_EQ(known_of(kAll, {.rate = Rate(), .trust = true}),
            (VfSettings{.mac = kAll.mac, .rate = kAll.rate, .trust = false}));
}

TEST(VfDifferences, SayWhatIsOtherwise) {
  const VfInfo found = {.vlan = VlanTag{.id = 8},
                        .rate = Rate{.floor = {}, .ceiling = BitRate::gbps(1)},
                        .spoofchk = false,
                        .trust = true,
                        .link_state = VfLinkState::automatic};
  EXPECT_THAT(
      told(differences(kAll, found)),
      ElementsAre(
          "rate: floor 10 Mbit/s ceiling none written, floor 0 bit/s ceiling 1 Gbit/s found",
          "vlan: 7 qos 3 802.1ad written, 8 qos 0 found", "spoofchk: on written, off found",
          "trust: off written, on found", "link_state: enable written, auto found"));
}

TEST(VfDifferences, CarryTheSettingAlone) {
  VfSettings all;
  for (const VfDifference& each : differences(kAll, VfInfo())) {
    EXPECT_EQ(names_of(each.part), each.what);
    merge(all, each.part);
  }
  all.mac = kAll.mac;
  EXPECT_EQ(all, kAll);
}

TEST(VfDifferences, ThereAreNoneWhereNothingIsExpectedOrAllIsAsExpected) {
  const VfInfo found = {.mac = MacAddress({2, 0, 0, 0, 0, 9}),
                        .vlan = kAll.vlan,
                        .rate = kAll.rate,
                        .spoofchk = kAll.spoofchk,
                        .trust = kAll.trust,
                        .link_state = kAll.link_state};
  EXPECT_THAT(told(differences(kAll, found)), IsEmpty());
  EXPECT_THAT(told(differences({}, found)), IsEmpty());
  EXPECT_THAT(told(differences({.trust = false}, VfInfo())),
              ElementsAre("trust: off written, nothing found"));
}

}  // namespace
}  // namespace sluice
