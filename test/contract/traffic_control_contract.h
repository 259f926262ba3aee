#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <vector>

#include "pkg/netlink/traffic_control.h"
#include "test/support/result_matchers.h"

namespace sluice {

/// A namespace holding two links that are up and have the kernel's own qdiscs.
struct TrafficControlWorld {
  std::unique_ptr<TrafficControl> tc;
  int link = 0;
  int other_link = 0;
};

class TrafficControlContract : public testing::TestWithParam<std::function<TrafficControlWorld()>> {
 protected:
  static constexpr int kNoSuchLink = 4711;
  static constexpr TcHandle kRootHandle{0x10, 0};

  static Qdisc htb() {
    return {.kind = "htb", .handle = kRootHandle, .options = HtbOptions{.default_class = 2}};
  }

  static Qdisc ingress() {
    return {.kind = "ingress",
            .handle = kTcIngress,
            .parent = kTcIngressParent,
            .options = IngressOptions{}};
  }

  static HtbClass leaf(std::uint16_t minor, BitRate rate, BitRate ceiling) {
    return {.handle = {kRootHandle.major, minor},
            .parent = kRootHandle,
            .rate = rate,
            .ceiling = ceiling,
            .burst = TcBurst(156'250),
            .ceiling_burst = TcBurst(15'625),
            .quantum = 60'000,
            .priority = 3};
  }

  /// The qdiscs that the kernel did not put there.
  std::vector<Qdisc> qdiscs() {
    auto listed = tc_.qdiscs(link_);
    EXPECT_THAT(listed, IsOk());
    std::erase_if(*listed, [](const Qdisc& qdisc) { return qdisc.is_default(); });
    return *listed;
  }

  std::vector<HtbClass> classes() {
    const auto listed = tc_.classes(link_);
    EXPECT_THAT(listed, IsOk());
    std::vector<HtbClass> settings;
    for (const HtbClassState& state : *listed) settings.push_back(state.settings);
    return settings;
  }

  TrafficControlWorld world_ = GetParam()();
  TrafficControl& tc_ = *world_.tc;
  const int link_ = world_.link;
  const MacAddress mac_ = MacAddress::parse("02:a1:b2:c3:d4:e5").value();
};

TEST_P(TrafficControlContract, AddedRootIsReadBackAsItWasAdded) {
  EXPECT_THAT(qdiscs(), testing::IsEmpty());
  ASSERT_THAT(tc_.add_qdisc(link_, htb()), IsOk());
  EXPECT_THAT(qdiscs(), testing::ElementsAre(htb()));
}

TEST_P(TrafficControlContract, TokenBucketIsReadBackBeyondThirtyTwoBits) {
  for (const BitRate rate : {BitRate::mbps(10), BitRate::gbps(100)}) {
    const Qdisc tbf{
        .kind = "tbf",
        .handle = {0x20, 0},
        .options = TbfOptions{.rate = rate, .burst = TcBurst(1'562'500), .limit = 100'000}};
    ASSERT_THAT(tc_.add_qdisc(link_, tbf), IsOk());
    EXPECT_THAT(qdiscs(), testing::ElementsAre(tbf));
    ASSERT_THAT(tc_.remove_qdisc(link_, tbf), IsOk());
  }
}

TEST_P(TrafficControlContract, SecondRootAlreadyExists) {
  ASSERT_THAT(tc_.add_qdisc(link_, htb()), IsOk());
  Qdisc second = htb();
  EXPECT_THAT(tc_.add_qdisc(link_, second), FailsWith(Code::already_exists, "add qdisc 10:"));
  second.handle = {0x11, 0};
  EXPECT_THAT(tc_.add_qdisc(link_, second), FailsWith(Code::already_exists, "add qdisc 11:"));
}

TEST_P(TrafficControlContract, RemovedRootTakesClassesAndFiltersWithIt) {
  ASSERT_THAT(tc_.add_qdisc(link_, htb()), IsOk());
  ASSERT_THAT(tc_.set_class(link_, leaf(1, BitRate::mbps(1), BitRate::mbps(2))), IsOk());
  const Filter filter{kRootHandle, 7, match_source(mac_), TcHandle{kRootHandle.major, 1}};
  ASSERT_THAT(tc_.add_filter(link_, filter), IsOk());
  ASSERT_THAT(tc_.remove_qdisc(link_, htb()), IsOk());
  EXPECT_THAT(qdiscs(), testing::IsEmpty());
  EXPECT_THAT(classes(), testing::IsEmpty());
  ASSERT_OK_AND_ASSIGN(const auto filters, tc_.filters(link_, kRootHandle));
  EXPECT_THAT(filters, testing::IsEmpty());
}

TEST_P(TrafficControlContract, RemovingWhatIsNotThereSaysSo) {
  EXPECT_THAT(tc_.remove_qdisc(link_, htb()), FailsWith(Code::not_found, "remove qdisc 10:"));
  ASSERT_THAT(tc_.add_qdisc(link_, htb()), IsOk());
  Qdisc other = htb();
  other.handle = {0x11, 0};
  EXPECT_THAT(tc_.remove_qdisc(link_, other), FailsWith(Code::not_found, "remove qdisc 11:"));
  EXPECT_THAT(tc_.remove_class(link_, {kRootHandle.major, 9}),
              FailsWith(Code::not_found, "remove class 10:9"));
  EXPECT_THAT(tc_.remove_filter(link_, kRootHandle, 9),
              FailsWith(Code::not_found, "remove filter 9"));
}

TEST_P(TrafficControlContract, ClassIsReadBackAsItWasSet) {
  ASSERT_THAT(tc_.add_qdisc(link_, htb()), IsOk());
  const HtbClass slow = leaf(1, BitRate::bits_per_second(8), BitRate::mbps(2));
  const HtbClass fast = leaf(2, BitRate::gbps(40), BitRate::gbps(400));
  ASSERT_THAT(tc_.set_class(link_, fast), IsOk());
  ASSERT_THAT(tc_.set_class(link_, slow), IsOk());
  // A class without a parent class reads as a child of the root, whatever the qdisc's number.
  HtbClass expected_slow = slow;
  HtbClass expected_fast = fast;
  expected_slow.parent = expected_fast.parent = classes().at(0).parent;
  EXPECT_THAT(classes(), testing::ElementsAre(expected_slow, expected_fast));
}

TEST_P(TrafficControlContract, ClassCanBeChanged) {
  ASSERT_THAT(tc_.add_qdisc(link_, htb()), IsOk());
  ASSERT_THAT(tc_.set_class(link_, leaf(1, BitRate::mbps(1), BitRate::mbps(2))), IsOk());
  ASSERT_THAT(tc_.set_class(link_, leaf(1, BitRate::gbps(50), BitRate::gbps(60))), IsOk());
  ASSERT_THAT(tc_.set_class(link_, leaf(1, BitRate::mbps(3), BitRate::mbps(4))), IsOk());
  ASSERT_EQ(classes().size(), 1U);
  EXPECT_EQ(classes()[0].rate, BitRate::mbps(3));
  EXPECT_EQ(classes()[0].ceiling, BitRate::mbps(4));
}

TEST_P(TrafficControlContract, ClassWithoutARateIsRefused) {
  ASSERT_THAT(tc_.add_qdisc(link_, htb()), IsOk());
  EXPECT_THAT(tc_.set_class(link_, leaf(1, BitRate(), BitRate::mbps(2))),
              FailsWith(Code::invalid_argument, "set class 10:1"));
  EXPECT_THAT(tc_.set_class(link_, leaf(1, BitRate::mbps(1), BitRate())),
              FailsWith(Code::invalid_argument, "set class 10:1"));
}

TEST_P(TrafficControlContract, ClassWithFilterOrChildrenIsBusy) {
  ASSERT_THAT(tc_.add_qdisc(link_, htb()), IsOk());
  const HtbClass parent = leaf(1, BitRate::mbps(1), BitRate::mbps(2));
  HtbClass child = leaf(3, BitRate::mbps(1), BitRate::mbps(2));
  child.parent = parent.handle;
  ASSERT_THAT(tc_.set_class(link_, parent), IsOk());
  ASSERT_THAT(tc_.set_class(link_, child), IsOk());
  EXPECT_EQ(classes().at(1).parent, parent.handle);
  EXPECT_THAT(tc_.remove_class(link_, parent.handle), FailsWith(Code::busy, "remove class 10:1"));

  ASSERT_THAT(tc_.add_filter(link_, {kRootHandle, 7, match_source(mac_), child.handle}), IsOk());
  EXPECT_THAT(tc_.remove_class(link_, child.handle), FailsWith(Code::busy, "remove class 10:3"));
  ASSERT_THAT(tc_.remove_filter(link_, kRootHandle, 7), IsOk());
  EXPECT_THAT(tc_.remove_class(link_, child.handle), IsOk());
  EXPECT_THAT(tc_.remove_class(link_, parent.handle), IsOk());
}

TEST_P(TrafficControlContract, FiltersAreReadBackByPriority) {
  ASSERT_THAT(tc_.add_qdisc(link_, htb()), IsOk());
  ASSERT_THAT(tc_.set_class(link_, leaf(1, BitRate::mbps(1), BitRate::mbps(2))), IsOk());
  const TcHandle flow{kRootHandle.major, 1};
  const Filter second{kRootHandle, 200, match_source(mac_), flow};
  const Filter first{kRootHandle, 100, match_destination(mac_), flow};
  ASSERT_THAT(tc_.add_filter(link_, second), IsOk());
  ASSERT_THAT(tc_.add_filter(link_, first), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto filters, tc_.filters(link_, kRootHandle));
  EXPECT_THAT(filters, testing::ElementsAre(first, second));
}

TEST_P(TrafficControlContract, PriorityIsTakenOnce) {
  ASSERT_THAT(tc_.add_qdisc(link_, htb()), IsOk());
  const Filter filter{kRootHandle, 100, match_everything(), TcHandle{kRootHandle.major, 1}};
  ASSERT_THAT(tc_.add_filter(link_, filter), IsOk());
  EXPECT_THAT(tc_.add_filter(link_, filter), FailsWith(Code::already_exists, "add filter 100"));
  ASSERT_OK_AND_ASSIGN(const auto filters, tc_.filters(link_, kRootHandle));
  EXPECT_THAT(filters, testing::ElementsAre(filter));
}

TEST_P(TrafficControlContract, IngressRedirectsAndMirrors) {
  ASSERT_THAT(tc_.add_qdisc(link_, ingress()), IsOk());
  EXPECT_THAT(qdiscs(), testing::ElementsAre(ingress()));
  const Filter mirror{kTcIngress, 1, match_group_destination(), Mirror{world_.other_link}};
  const Filter redirect{kTcIngress, 2, match_destination(mac_), Redirect{world_.other_link}};
  ASSERT_THAT(tc_.add_filter(link_, mirror), IsOk());
  ASSERT_THAT(tc_.add_filter(link_, redirect), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto filters, tc_.filters(link_, kTcIngress));
  EXPECT_THAT(filters, testing::ElementsAre(mirror, redirect));
  EXPECT_THAT(tc_.add_qdisc(link_, ingress()), FailsWith(Code::already_exists, "add qdisc ffff:"));
  ASSERT_THAT(tc_.remove_qdisc(link_, ingress()), IsOk());
  EXPECT_THAT(qdiscs(), testing::IsEmpty());
}

TEST_P(TrafficControlContract, MissingLinkHasNothingAndTakesNothing) {
  ASSERT_OK_AND_ASSIGN(const auto qdiscs, tc_.qdiscs(kNoSuchLink));
  EXPECT_THAT(qdiscs, testing::IsEmpty());
  ASSERT_OK_AND_ASSIGN(const auto classes, tc_.classes(kNoSuchLink));
  EXPECT_THAT(classes, testing::IsEmpty());
  ASSERT_OK_AND_ASSIGN(const auto filters, tc_.filters(kNoSuchLink, kRootHandle));
  EXPECT_THAT(filters, testing::IsEmpty());
  EXPECT_THAT(tc_.add_qdisc(kNoSuchLink, htb()), FailsWith(Code::not_found, "add qdisc"));
  EXPECT_THAT(tc_.remove_qdisc(kNoSuchLink, htb()), FailsWith(Code::not_found, "remove qdisc"));
  EXPECT_THAT(tc_.set_class(kNoSuchLink, leaf(1, BitRate::mbps(1), BitRate::mbps(1))),
              FailsWith(Code::not_found, "set class"));
  EXPECT_THAT(tc_.remove_class(kNoSuchLink, {1, 1}), FailsWith(Code::not_found, "remove class"));
  EXPECT_THAT(tc_.add_filter(kNoSuchLink, {kRootHandle, 1, match_everything(), TcHandle{1, 1}}),
              FailsWith(Code::not_found, "add filter"));
  EXPECT_THAT(tc_.remove_filter(kNoSuchLink, kRootHandle, 1),
              FailsWith(Code::not_found, "remove filter"));
}

TEST_P(TrafficControlContract, MissingQdiscTakesNoClassesAndNoFilters) {
  EXPECT_THAT(tc_.set_class(link_, leaf(1, BitRate::mbps(1), BitRate::mbps(1))),
              FailsWith(Code::not_found, "set class"));
  EXPECT_THAT(tc_.add_filter(link_, {kRootHandle, 1, match_everything(), TcHandle{0x10, 1}}),
              FailsWith(Code::invalid_argument, "add filter"));
  EXPECT_THAT(tc_.remove_class(link_, {0x10, 1}), FailsWith(Code::not_found, "remove class"));
  EXPECT_THAT(tc_.remove_filter(link_, kRootHandle, 1),
              FailsWith(Code::not_found, "remove filter"));
}

}  // namespace sluice
