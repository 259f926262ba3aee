// A process that dies while it brings a lost lane in again, and what comes after it.
#include <filesystem>

#include "test/unit/lane/lost_lane_fixture.h"

namespace sluice {
namespace {

struct Case {
  const char* model;
  RdmaNetnsMode mode;
  bool device_alone;  ///< Only the RDMA device is lost.
};

class LostLinkCrash : public LostLaneTest, public testing::WithParamInterface<Case> {
 protected:
  void SetUp() override {
    plug(GetParam().model, GetParam().mode);
    ASSERT_THAT(give(request()), IsOk());
  }

  void lose() {
    if (GetParam().device_alone) return port().recreate_rdma(0);
    ASSERT_TRUE(port().recreate_vf(0));
  }

  /// False where bring_back() makes fewer requests. What the dead process still does to the ledger
  /// is undone.
  bool dies_before(int nth) {
    lose();
    std::string ledger;
    machine_->die_before(nth, [&] { ledger = dir_.read(kLedger); });
    static_cast<void>(lanes_->bring_back(kPort, Look::all, no_addresses));
    const bool died = machine_->is_dead();
    machine_->revive();
    if (died) {
      std::filesystem::remove(dir_ / kLedger);
      dir_.write(kLedger, ledger);
    }
    restart();
    return died;
  }
};

TEST_P(LostLinkCrash, TheNextStepBringsTheLaneIn) {
  for (int n = 1; dies_before(n); ++n) {
    SCOPED_TRACE("before request " + std::to_string(n));
    for (const LaneReturn& news : bring_back()) EXPECT_EQ(news.failure, "");
    expect_in_pod();
    if (HasFailure()) return;
  }
  expect_in_pod();
}

TEST_P(LostLinkCrash, AReleaseCleansUp) {
  for (int n = 1; dies_before(n); ++n) {
    SCOPED_TRACE("before request " + std::to_string(n));
    EXPECT_THAT(lanes_->detach({"c1", "net1"}), IsOk());
    expect_released();
    ASSERT_THAT(give(request()), IsOk());
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(, LostLinkCrash,
                         testing::Values(Case{"mlx5", RdmaNetnsMode::exclusive, false},
                                         Case{"mlx5", RdmaNetnsMode::shared, false},
                                         Case{"mlx5_switchdev", RdmaNetnsMode::exclusive, false},
                                         Case{"bnxt_en", RdmaNetnsMode::exclusive, true}),
                         [](const auto& each) {
                           const bool shared = each.param.mode == RdmaNetnsMode::shared;
                           return std::string(each.param.model) + (shared ? "_shared" : "");
                         });

}  // namespace
}  // namespace sluice
