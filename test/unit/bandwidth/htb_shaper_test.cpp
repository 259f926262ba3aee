#include "pkg/bandwidth/htb_shaper.h"

#include "test/fake/fake_traffic_control.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

constexpr int kUplink = 3;
constexpr BitRate kUsable = BitRate::gbps(1);

class HtbShaperTest : public testing::Test {
 protected:
  FakeQueueing::OfLink& uplink() { return state_->links[kUplink]; }

  const HtbClass& class_at(std::uint16_t minor) {
    return uplink().classes.at({0x51ce, minor}).settings;
  }

  std::shared_ptr<FakeQueueing> state_ =
      std::make_shared<FakeQueueing>([this](int link) { return link == kUplink && present_; });
  bool present_ = true;
  FakeTrafficControl tc_{state_};
  HtbShaper shaper_{tc_, kUplink, kUsable};
  const MacAddress mac_ = MacAddress::parse("02:00:00:00:00:07").value();
};

TEST_F(HtbShaperTest, FirstLaneBringsTheTree) {
  ASSERT_THAT(shaper_.apply(5, {.floor = BitRate::mbps(500), .ceiling = BitRate::mbps(800)}),
              IsOk());

  ASSERT_EQ(uplink().qdiscs.size(), 1U);
  EXPECT_EQ(uplink().qdiscs[0].handle, (TcHandle{0x51ce, 0}));
  EXPECT_EQ(uplink().qdiscs[0].options, decltype(Qdisc::options)(HtbOptions{.default_class = 2}));
  EXPECT_EQ(class_at(1).rate, kUsable);
  EXPECT_EQ(class_at(1).ceiling, kUsable);
  EXPECT_EQ(class_at(2).rate, BitRate::mbps(1));
  EXPECT_EQ(class_at(2).ceiling, kUsable);
  EXPECT_EQ(class_at(21).rate, BitRate::mbps(500));
  EXPECT_EQ(class_at(21).ceiling, BitRate::mbps(800));
  EXPECT_EQ(class_at(21).parent, (TcHandle{0x51ce, 1}));
}

TEST_F(HtbShaperTest, ZeroIsNoPromiseAndNoLimit) {
  ASSERT_THAT(shaper_.apply(0, {}), IsOk());
  EXPECT_EQ(class_at(16).rate, BitRate::bits_per_second(8'000));
  EXPECT_EQ(class_at(16).ceiling, kUsable);
}

TEST_F(HtbShaperTest, RateNeverPassesCeilingAndCeilingNeverTheUsableRate) {
  const BitRate tiny = BitRate::bits_per_second(1'000);
  EXPECT_EQ(htb_class(0, {.ceiling = tiny}, kUsable).rate, tiny);
  EXPECT_EQ(htb_class(0, {.ceiling = BitRate::gbps(9)}, kUsable).ceiling, kUsable);
}

TEST_F(HtbShaperTest, BurstsAreTenMillisecondsButAtLeastTenFrames) {
  using std::chrono::milliseconds;
  const HtbClass fast = htb_class(0, {.floor = BitRate::mbps(100), .ceiling = BitRate::gbps(400)},
                                  BitRate::gbps(400));
  EXPECT_EQ(fast.burst, milliseconds(10));
  EXPECT_EQ(fast.ceiling_burst, milliseconds(10));
  const HtbClass slow = htb_class(0, {.floor = BitRate::bits_per_second(8'000)}, kUsable);
  EXPECT_EQ(slow.burst, std::chrono::microseconds(16'384'000));
  // A bucket that the kernel's 32 bits cannot hold is as deep as they allow.
  const HtbClass slowest = htb_class(0, {.floor = BitRate::bits_per_second(8)}, kUsable);
  EXPECT_EQ(slowest.burst.count(), 0xffffffffU);
}

TEST_F(HtbShaperTest, ApplyingAgainChangesTheRateAndMendsTheTree) {
  ASSERT_THAT(shaper_.apply(0, {.floor = BitRate::mbps(1)}), IsOk());
  ASSERT_THAT(shaper_.direct(0, mac_), IsOk());
  HtbShaper faster(tc_, kUplink, BitRate::gbps(10));
  ASSERT_THAT(faster.apply(0, {.floor = BitRate::mbps(2)}), IsOk());
  EXPECT_EQ(class_at(16).rate, BitRate::mbps(2));
  EXPECT_EQ(class_at(1).ceiling, BitRate::gbps(10));
  EXPECT_EQ(uplink().filters.size(), 1U);
}

TEST_F(HtbShaperTest, DirectsTheLatestAddressOnly) {
  ASSERT_THAT(shaper_.apply(0, {}), IsOk());
  ASSERT_THAT(shaper_.direct(0, MacAddress()), IsOk());
  ASSERT_THAT(shaper_.direct(0, mac_), IsOk());
  ASSERT_EQ(uplink().filters.size(), 1U);
  const Filter& filter = uplink().filters.begin()->second;
  EXPECT_EQ(filter.keys, match_source(mac_));
  EXPECT_EQ(std::get<TcHandle>(filter.action), (TcHandle{0x51ce, 16}));
}

TEST_F(HtbShaperTest, LastLaneTakesTheTreeWithIt) {
  for (const int lane : {0, 7}) {
    ASSERT_THAT(shaper_.apply(lane, {}), IsOk());
    ASSERT_THAT(shaper_.direct(lane, mac_), IsOk());
  }
  ASSERT_THAT(shaper_.clear(0), IsOk());
  EXPECT_EQ(uplink().classes.count({0x51ce, 16}), 0U);
  EXPECT_EQ(uplink().classes.count({0x51ce, 23}), 1U);
  ASSERT_THAT(shaper_.clear(7), IsOk());
  EXPECT_TRUE(uplink().qdiscs.empty());
  EXPECT_TRUE(uplink().filters.empty());
}

TEST_F(HtbShaperTest, ClearingTwiceOrWithoutUplinkSucceeds) {
  ASSERT_THAT(shaper_.apply(0, {}), IsOk());
  EXPECT_THAT(shaper_.clear(0), IsOk());
  EXPECT_THAT(shaper_.clear(0), IsOk());
  present_ = false;
  EXPECT_THAT(shaper_.clear(0), IsOk());
  EXPECT_THAT(shaper_.apply(0, {}), FailsWith(Code::not_found, "add qdisc 51ce:"));
}

TEST_F(HtbShaperTest, LeavesAForeignRootAlone) {
  const Qdisc foreign{.kind = "htb", .handle = {1, 0}, .options = HtbOptions{}};
  uplink().qdiscs.push_back(foreign);
  EXPECT_THAT(shaper_.apply(0, {}),
              FailsWith(Code::already_exists, "root qdisc of link 3 is not Sluice's: htb 1:"));
  EXPECT_THAT(shaper_.clear(0), IsOk());
  EXPECT_EQ(uplink().qdiscs, std::vector<Qdisc>{foreign});
  EXPECT_EQ(state_->changes, 0);
}

TEST_F(HtbShaperTest, ReadsBackWhatWasApplied) {
  const Rate both{.floor = BitRate::mbps(5), .ceiling = BitRate::mbps(8)};
  ASSERT_THAT(shaper_.apply(3, both), IsOk());
  ASSERT_THAT(shaper_.apply(1, {}), IsOk());
  ASSERT_OK_AND_ASSIGN(const VfList list, shaper_.read_back());
  EXPECT_TRUE(list.complete());
  ASSERT_EQ(list.vfs.size(), 2U);
  EXPECT_EQ(list.vfs[0], (VfInfo{.index = 1, .rate = Rate{}}));
  EXPECT_EQ(list.vfs[1], (VfInfo{.index = 3, .rate = both}));
}

TEST_F(HtbShaperTest, RefusesLaneNumbersOutOfRange) {
  EXPECT_THAT(shaper_.apply(-1, {}), FailsWith(Code::invalid_argument, "lane -1 of 0 to 4095"));
  EXPECT_THAT(shaper_.direct(4096, mac_), FailsWith(Code::invalid_argument, "lane 4096"));
  EXPECT_THAT(shaper_.clear(4096), FailsWith(Code::invalid_argument, "lane 4096"));
  EXPECT_EQ(state_->changes, 0);
}

TEST_F(HtbShaperTest, FailureOfAnyStepIsReportedAndCanBeRepeated) {
  for (int call = 1; call <= 5; ++call) {
    state_->fail(Error(Code::timed_out, "no answer"), call);
    EXPECT_THAT(shaper_.apply(0, {}), FailsWith(Code::timed_out, "no answer")) << call;
    EXPECT_THAT(shaper_.apply(0, {}), IsOk()) << call;
    EXPECT_EQ(uplink().classes.size(), 3U);
    ASSERT_THAT(shaper_.clear(0), IsOk());
  }
}

}  // namespace
}  // namespace sluice
