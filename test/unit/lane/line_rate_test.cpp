// A port's wire goes and comes back: at another speed, or without the rates that were written.
#include "pkg/lane/lanes.h"
#include "pkg/lane/providers.h"
#include "test/fake/fake_machine.h"
#include "test/support/result_matchers.h"
#include "test/support/temp_dir.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class LineRate : public testing::Test {
 protected:
  static constexpr const char* kPort = FakeMachine::kPort;

  void plug(std::string_view model) {
    machine_ = std::make_unique<FakeMachine>(driver_model(model));
    ASSERT_EQ(port().set_vfs(4), 0);
    machine_->node().add_netns("/run/netns/p1");
    port().settle();
    restart();
  }

  void restart() {
    Kernel& kernel = machine_->kernel();
    const Dir& sysfs = machine_->sysfs();
    lanes_ =
        std::make_unique<Lanes>(kernel, sysfs, ledger_, aside_, providers(kernel, sysfs, ledger_));
  }

  PortModel& port() { return machine_->port(); }

  Result<Lane> give(int vf, std::uint64_t floor_mbps, std::uint64_t ceiling_mbps = 0) {
    LaneRequest wanted;
    wanted.made_of = OfVf{FakeMachine::vf(vf)};
    const std::string name = "net" + std::to_string(vf);
    wanted.owner = {.network = "n", .container_id = name, .ifname = name};
    wanted.owner.netns = "/run/netns/p1";
    wanted.floor = BitRate::mbps(floor_mbps);
    wanted.ceiling = BitRate::mbps(ceiling_mbps);
    wanted.timeout = std::chrono::milliseconds(0);
    return lanes_->attach(wanted, NetNs::fake(*machine_->node().netns_at("/run/netns/p1")));
  }

  void offer(int vf, std::uint64_t floor_mbps) {
    std::vector<Offer> all = *aside_.offers.load();
    all.push_back({.vf = FakeMachine::vf(vf).to_string(),
                   .port = kPort,
                   .class_name = "gold",
                   .rate = {.floor = BitRate::mbps(floor_mbps), .ceiling = {}}});
    ASSERT_THAT(aside_.offers.save(all), IsOk());
  }

  PortNews follow() {
    Result<PortNews> news = lanes_->follow(kPort);
    EXPECT_THAT(news, IsOk());
    return news ? *std::move(news) : PortNews();
  }

  void come_back_at(int mbps) {
    port().lose_carrier();
    port().restore_carrier(mbps);
  }

  std::vector<std::uint64_t> floors() {
    std::vector<std::uint64_t> all;
    for (int vf = 0; vf < 4; ++vf) all.push_back(port().programmed(vf).floor.as_mbps_floor());
    return all;
  }

  BitRate ceilings() {
    BitRate sum;
    for (int vf = 0; vf < 4; ++vf) sum += port().programmed(vf).ceiling;
    return sum;
  }

  TempDir dir_;
  Ledger ledger_ = *Ledger::open(dir_ / "run", "boot-1");
  SetAsideStore aside_{dir_ / "lib"};
  std::unique_ptr<FakeMachine> machine_;
  std::unique_ptr<Lanes> lanes_;
};

TEST_F(LineRate, APortInOrderIsAskedNothingAndNotLocked) {
  plug("mlx5");
  ASSERT_THAT(give(0, 40'000), IsOk());
  machine_->kernel().log().clear();
  ASSERT_OK_AND_ASSIGN(const LockedPort busy, ledger_.lock(kPort, std::chrono::milliseconds(0)));
  const PortNews news = follow();
  EXPECT_EQ(news.line_rate_before, std::nullopt);
  EXPECT_EQ(news.budget.promised, BitRate::gbps(40));
  EXPECT_THAT(machine_->kernel().log().matching(""), IsEmpty());
}

TEST_F(LineRate, WhatPromisesNoLongerFitIsDividedInProportionAndUndone) {
  plug("mlx5");
  ASSERT_THAT(give(0, 40'000), IsOk());
  ASSERT_THAT(give(1, 10'000), IsOk());
  come_back_at(25'000);
  const PortNews fell = follow();
  EXPECT_EQ(fell.line_rate_before, BitRate::gbps(100));
  EXPECT_EQ(fell.budget.promised, BitRate::gbps(50));
  EXPECT_EQ(fell.budget.line_rate, BitRate::gbps(25));
  EXPECT_THAT(fell.lanes, SizeIs(2));
  EXPECT_EQ(fell.failure, "");
  EXPECT_THAT(floors(), ElementsAre(19'999, 5'000, 0, 0));
  EXPECT_EQ(port().programmed(0).ceiling, BitRate::gbps(25));
  EXPECT_EQ(follow().line_rate_before, std::nullopt);

  come_back_at(100'000);
  EXPECT_EQ(follow().line_rate_before, BitRate::gbps(25));
  EXPECT_THAT(floors(), ElementsAre(40'000, 10'000, 0, 0));
}

TEST_F(LineRate, CeilingsOfAnEmulatedPortNeverSumPastTheNewOne) {
  plug("i40e");
  ASSERT_THAT(give(0, 5'000), IsOk());
  ASSERT_THAT(give(1, 2'000), IsOk());
  come_back_at(1'000);
  EXPECT_EQ(follow().failure, "");
  EXPECT_LE(ceilings(), BitRate::gbps(1));
  EXPECT_GE(port().programmed(0).ceiling, BitRate::mbps(600));
}

TEST_F(LineRate, APortThatIsShortAdmitsNoLaneOfferedOrNot) {
  plug("mlx5");
  offer(1, 20'000);
  ASSERT_THAT(give(0, 40'000), IsOk());
  come_back_at(25'000);
  EXPECT_THAT(give(1, 20'000),
              FailsWith(Code::exhausted, "60 Gbit/s are promised, its line rate is 25 Gbit/s"));
  EXPECT_THAT(give(2, 0), FailsWith(Code::exhausted, "60 Gbit/s are promised"));
  come_back_at(100'000);
  EXPECT_THAT(give(1, 20'000), IsOk());
}

TEST_F(LineRate, NothingIsWrittenWhileThereIsNoCarrier) {
  plug("mlx5");
  ASSERT_THAT(give(0, 40'000), IsOk());
  port().lose_carrier();
  machine_->kernel().log().clear();
  EXPECT_EQ(follow().line_rate_before, std::nullopt);
  EXPECT_THAT(machine_->kernel().log().matching("set_vf"), IsEmpty());
}

TEST_F(LineRate, WhatIsRefusedIsSaidAndTriedAgain) {
  plug("mlx5");
  ASSERT_THAT(give(0, 40'000), IsOk());
  come_back_at(25'000);
  machine_->kernel().log().fail_on("set_vf", Error::from_errno(EIO, "set"));
  EXPECT_THAT(follow().failure, HasSubstr("EIO"));
  EXPECT_EQ(follow().failure, "");
  EXPECT_THAT(floors(), ElementsAre(25'000, 0, 0, 0));
}

class LostRates : public LineRate {};

// Its VF is reset while the wire is down, which the driver reports as if nothing had happened.
TEST_F(LostRates, AreTakenOffAndPutOnAgainWhenTheCarrierIsBack) {
  plug("ice");
  ASSERT_THAT(give(0, 10'000, 20'000), IsOk());
  ASSERT_THAT(give(1, 0, 5'000), IsOk());
  port().lose_carrier();
  port().reset_vf(0);
  port().settle();
  port().restore_carrier();
  ASSERT_EQ(port().programmed(0), Rate()) << "the model lost it";
  EXPECT_THAT(follow().rewritten, SizeIs(2));
  EXPECT_EQ(port().programmed(0), (Rate{.floor = BitRate::gbps(10), .ceiling = BitRate::gbps(20)}));
  EXPECT_EQ(port().programmed(1), (Rate{.floor = {}, .ceiling = BitRate::gbps(5)}));
  EXPECT_THAT(follow().rewritten, IsEmpty());
}

TEST_F(LostRates, AreNoticedByAnAgentThatWasNotThere) {
  plug("ice");
  ASSERT_THAT(give(0, 0, 20'000), IsOk());
  port().lose_carrier();
  port().reset_vf(0);
  port().settle();
  port().restore_carrier();
  restart();
  EXPECT_THAT(follow().rewritten, SizeIs(1));
  EXPECT_EQ(port().programmed(0).ceiling, BitRate::gbps(20));
  restart();
  EXPECT_THAT(follow().rewritten, IsEmpty());
}

TEST_F(LostRates, OfDriversThatReportTheTruthAreNotTakenOff) {
  plug("mlx5");
  ASSERT_THAT(give(0, 0, 20'000), IsOk());
  come_back_at(100'000);
  machine_->kernel().log().clear();
  EXPECT_THAT(follow().rewritten, IsEmpty());
  EXPECT_THAT(machine_->kernel().log().matching("set_vf"), IsEmpty());
}

}  // namespace
}  // namespace sluice
