#include "test/fake/fake_traffic_control.h"

#include "test/contract/traffic_control_contract.h"

namespace sluice {
namespace {

TrafficControlWorld fake_world() {
  auto state = std::make_shared<FakeQueueing>([](int link) { return link == 3 || link == 4; });
  return {.tc = std::make_unique<FakeTrafficControl>(state), .link = 3, .other_link = 4};
}

INSTANTIATE_TEST_SUITE_P(Fake, TrafficControlContract, testing::Values(fake_world));

TEST(FakeTrafficControl, FailsTheCallItWasToldTo) {
  auto state = std::make_shared<FakeQueueing>([](int link) { return link == 3; });
  FakeTrafficControl tc(state);
  state->fail(Error(Code::busy, "not now"), 2);
  EXPECT_THAT(tc.classes(3), IsOk());
  EXPECT_THAT(tc.qdiscs(3), FailsWith(Code::busy, "not now"));
  EXPECT_THAT(tc.qdiscs(3), IsOk());
}

}  // namespace
}  // namespace sluice
