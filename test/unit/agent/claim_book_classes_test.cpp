// Grants of VFs of classes.
#include "test/unit/agent/claim_book_fixture.h"

namespace sluice {
namespace {

/// The last VF is for gold: 10 Gbit/s, at most 20.
ClaimDevices with_gold() {
  const PciAddress port = PciAddress::parse(kPort).value();
  const ClassRule gold{.name = "gold",
                       .rate = {.floor = BitRate::gbps(10), .ceiling = BitRate::gbps(20)},
                       .max = {},
                       .network = {}};
  ClaimDevices devices = {{kDevice, {.port = port, .vf = {}, .rule = {}}}};
  devices["gold-3"] = {.port = port,
                       .vf = PciAddress::parse("0000:3b:02.3").value(),
                       .rule = gold,
                       .is_set_aside = true};
  return devices;
}

dra::ClaimedLane gold_lane(std::optional<BitRate> ceiling = {}) {
  return {.request = "container-0-request-0",
          .pool = "node-a",
          .device = "gold-3",
          .share_id = {},
          .floor = {},
          .config = {.ceiling = ceiling}};
}

TEST_F(ClaimBookTest, P12_AVfOfAClassIsGrantedAtTheRatesOfTheClass) {
  book_.know(with_gold());
  ASSERT_OK_AND_ASSIGN(const Grant grant, make_grant(ask("a", {gold_lane()})));
  EXPECT_EQ(grant.vfs[0].vf, "0000:3b:02.3");
  EXPECT_EQ(grant.vfs[0].device, "gold-3");
  EXPECT_EQ(grant.vfs[0].rate, (Rate{BitRate::gbps(10), BitRate::gbps(20)}));
  EXPECT_THAT(saved(), testing::ElementsAre(grant));
}

TEST_F(ClaimBookTest, AVfOfAClassIsGrantedOnceAndTheOtherClaimIsToldWhoHasIt) {
  book_.know(with_gold());
  ASSERT_THAT(make_grant(ask("a", {gold_lane()})), IsOk());
  EXPECT_THAT(make_grant(ask("b", {gold_lane()})),
              FailsWith(Code::exhausted, "VF 0000:3b:02.3 is granted to 'ml/a'"));
}

TEST_F(ClaimBookTest, SharesOfThePortLeaveTheVfsOfClasses) {
  book_.know(with_gold());
  const std::vector<dra::ClaimedLane> three(3, lane(BitRate::gbps(1)));
  ASSERT_THAT(make_grant(ask("a", three)), IsOk());
  EXPECT_THAT(make_grant(ask("b", {lane(BitRate::gbps(1))})),
              FailsWith(Code::exhausted, "none of the 4 VFs for claims is free"));
  EXPECT_THAT(make_grant(ask("c", {gold_lane()})), IsOk());
}

TEST_F(ClaimBookTest, ACeilingOfTheClaimStaysWithinTheClass) {
  book_.know(with_gold());
  for (const BitRate odd : {BitRate(), BitRate::gbps(21), BitRate::gbps(9)}) {
    EXPECT_THAT(make_grant(ask("a", {gold_lane(odd)})),
                FailsWith(Code::invalid_argument, "is not within class 'gold'"));
  }
  ASSERT_OK_AND_ASSIGN(const Grant grant, make_grant(ask("a", {gold_lane(BitRate::gbps(15))})));
  EXPECT_EQ(grant.vfs[0].rate, (Rate{BitRate::gbps(10), BitRate::gbps(15)}));
}

TEST_F(ClaimBookTest, ALaneOfAClassHasTheNetworkOfTheClass) {
  configure(R"([{"name": "rail0"}, {"name": "storage", "mtu": 1400}])");
  ClaimDevices devices = with_gold();
  devices["gold-3"].rule.network = "storage";
  book_.know(std::move(devices));
  ASSERT_OK_AND_ASSIGN(const Grant grant, make_grant(ask("a", {gold_lane()})));
  EXPECT_EQ(grant.vfs[0].network, "storage");
  EXPECT_EQ(grant.vfs[0].mtu, 1400);
}

}  // namespace
}  // namespace sluice
