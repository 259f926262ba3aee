// Bandwidth that the configuration keeps back is no lane's.
#include "test/unit/lane/node_fixture.h"

namespace sluice {
namespace {

class KeptBack : public NodeTest {
 protected:
  void keep(UsablePart usable) {
    ASSERT_OK_AND_ASSIGN(LockedPort locked, ledger->lock(kPort, std::chrono::milliseconds(0)));
    locked.record().usable_part = usable;
    ASSERT_THAT(locked.save(), IsOk());
  }

  Result<Lane> give(int index, std::optional<BitRate> floor) {
    LaneRequest wanted = request(index, "c" + std::to_string(index));
    wanted.owner.ifname = "net" + std::to_string(index);
    wanted.floor = floor;
    return attach(wanted);
  }
};

TEST_F(KeptBack, CannotBePromised) {
  keep({.fixed = {}, .percent = 90});
  ASSERT_THAT(give(0, BitRate::gbps(60)), IsOk());
  EXPECT_THAT(give(1, BitRate::gbps(40)),
              FailsWith(Code::exhausted, "30 Gbit/s of 90 Gbit/s free, 40 Gbit/s asked"));
  EXPECT_THAT(give(1, BitRate::gbps(30)), IsOk());
}

TEST_F(KeptBack, IsNoneOfAnUnlimitedLanes) {
  keep({.fixed = BitRate::gbps(80), .percent = 0});
  ASSERT_THAT(give(0, std::nullopt), IsOk());
  EXPECT_EQ(rate(0).ceiling, BitRate::gbps(80));
}

TEST_F(KeptBack, IsNotDividedAmongTheLanesOfAnEmulatedPort) {
  plug("igb", "1000", {.floors = false});
  keep({.fixed = BitRate::mbps(100), .percent = 80});
  ASSERT_THAT(give(0, std::nullopt), IsOk());
  EXPECT_EQ(rate(0).ceiling, BitRate::mbps(900));
  ASSERT_THAT(give(1, std::nullopt), IsOk());
  EXPECT_EQ(rate(0).ceiling + rate(1).ceiling, BitRate::mbps(900));
}

TEST_F(KeptBack, TakesNothingThatWasPromisedBefore) {
  plug("igb", "1000", {.floors = false});
  ASSERT_THAT(give(0, BitRate::mbps(700)), IsOk());
  keep({.fixed = {}, .percent = 50});
  EXPECT_THAT(give(1, BitRate::mbps(1)),
              FailsWith(Code::exhausted, "0 bit/s of 500 Mbit/s free, 1 Mbit/s asked"));
  EXPECT_EQ(recorded(), 1U);
  ASSERT_THAT(detach("c0", "net0"), IsOk());
  EXPECT_THAT(give(1, BitRate::mbps(500)), IsOk());
}

TEST_F(KeptBack, OutlivesTheLanesOfThePort) {
  keep({.fixed = {}, .percent = 90});
  ASSERT_THAT(give(0, std::nullopt), IsOk());
  ASSERT_THAT(detach("c0", "net0"), IsOk());
  ASSERT_OK_AND_ASSIGN(const PortRecord port, ledger->peek(kPort));
  EXPECT_EQ(port.usable(), BitRate::gbps(90));
}

}  // namespace
}  // namespace sluice
