// The line rate of an uplink that does not tell its own.
#include "test/unit/lane/node_fixture.h"

namespace sluice {
namespace {

class SoftLineRate : public NodeTest {
 protected:
  Result<Lane> give(const std::string& name, std::uint64_t line_gbps, std::uint64_t floor_gbps) {
    LaneRequest wanted;
    wanted.made_of = OfUplink{.uplink = "eth0", .line_rate = BitRate::gbps(line_gbps)};
    wanted.owner = request(0, name, name).owner;
    wanted.floor = BitRate::gbps(floor_gbps);
    wanted.timeout = std::chrono::milliseconds(0);
    return attach(wanted);
  }
};

TEST_F(SoftLineRate, CannotBeAnotherWhileTheUplinkHasLanes) {
  ASSERT_THAT(give("net1", 10, 9), IsOk());
  EXPECT_THAT(give("net2", 1, 0),
              FailsWith(Code::invalid_argument,
                        "lineRate 1 Gbit/s asked, but uplink 'eth0' has 1 lanes at 10 Gbit/s"));
  EXPECT_THAT(give("net2", 10, 1), IsOk());
  ASSERT_THAT(detach("net1", "net1"), IsOk());
  ASSERT_THAT(detach("net2", "net2"), IsOk());
  EXPECT_THAT(give("net2", 1, 1), IsOk());
}

}  // namespace
}  // namespace sluice
