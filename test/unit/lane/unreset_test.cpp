// Releases whose port does not take all of the baseline: the pod goes, the rest is remembered and
// written before the VF is given out again.
#include "test/unit/lane/node_fixture.h"

namespace sluice {
namespace {

/// igb: takes no rate, zero neither, without carrier.
class Unreset : public NodeTest {
 protected:
  Unreset() {
    plug("igb", "1000", {.floors = false, .needs_carrier = true});
    LaneRequest wanted = request(0);
    wanted.ceiling = BitRate::mbps(100);
    EXPECT_THAT(attach(wanted), IsOk());
  }

  void carrier(bool is_there) { kernel->node().find("eth0")->link.carrier = is_there; }

  std::vector<UnresetVf> unreset() { return ledger->peek(kPort)->unreset; }
};

TEST_F(Unreset, AReleaseDoesNotDependOnTheCarrier) {
  carrier(false);
  EXPECT_THAT(detach(), IsOk());
  EXPECT_EQ(recorded(), 0U);
  ASSERT_EQ(unreset().size(), 1U);
  EXPECT_EQ(unreset().at(0).settings, (VfSettings{.rate = Rate{}}));
  EXPECT_EQ(rate(0).ceiling, BitRate::mbps(100));
}

TEST_F(Unreset, WhatIsLeftIsWrittenOnceThePortTakesIt) {
  carrier(false);
  ASSERT_THAT(detach(), IsOk());
  restart();
  EXPECT_THAT(lanes->finish_resets(kPort), IsOk());
  ASSERT_EQ(unreset().size(), 1U);

  carrier(true);
  restart();
  EXPECT_THAT(lanes->finish_resets(kPort), IsOk());
  EXPECT_EQ(unreset().size(), 0U);
  expect_baseline(0);
  EXPECT_THAT(ledger->ports().value(), testing::IsEmpty());
}

TEST_F(Unreset, AResetIsTriedOnceAPeriod) {
  carrier(false);
  ASSERT_THAT(detach(), IsOk());
  restart();
  ASSERT_THAT(lanes->finish_resets(kPort), IsOk());
  kernel->log().clear();
  ASSERT_THAT(lanes->finish_resets(kPort), IsOk());
  EXPECT_THAT(kernel->log().lines(), testing::IsEmpty());
}

TEST_F(Unreset, TheNextLaneOfTheVfStartsFromBaseline) {
  carrier(false);
  ASSERT_THAT(detach(), IsOk());
  carrier(true);
  ASSERT_THAT(attach(request(0, "c2")), IsOk());
  EXPECT_EQ(rate(0), Rate());
  EXPECT_EQ(unreset().size(), 0U);
}

TEST_F(Unreset, TheNextLaneIsRefusedWhileTheLastOnesTrustStays) {
  ASSERT_THAT(detach(), IsOk());
  LaneRequest trusted = request(1);
  trusted.settings.trust = true;
  ASSERT_THAT(attach(trusted), IsOk());
  const Error broken = Error::from_errno(EIO, "set VF 1");
  kernel->log().fail_on("set_vf", broken, 1);  // All in one request,
  kernel->log().fail_on("no-trust", broken);   // and then one by one.
  ASSERT_THAT(detach(), IsOk());
  ASSERT_EQ(unreset().size(), 1U);
  EXPECT_EQ(unreset().at(0).settings, (VfSettings{.trust = false}));

  for (int i = 1; i <= 2; ++i)
    kernel->log().fail_on("no-trust", Error::from_errno(EOPNOTSUPP, "x"));
  EXPECT_THAT(attach(request(1, "c2")), FailsWith(Code::unsupported, "configure VF"));
  EXPECT_EQ(recorded(), 0U);
}

TEST_F(Unreset, ARateOfZeroThatIsRefusedHoldsUpNoReleaseOfAVfWithoutOne) {
  ASSERT_THAT(detach(), IsOk());
  ASSERT_THAT(attach(request(1)), IsOk());
  ASSERT_EQ(rate(1), Rate());
  carrier(false);
  EXPECT_THAT(detach(), IsOk());
  EXPECT_EQ(unreset().size(), 0U);
  expect_baseline(1);
}

}  // namespace
}  // namespace sluice
