#include <future>
#include <thread>

#include "test/unit/agent/claim_book_fixture.h"

namespace sluice {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

TEST_F(ClaimBookTest, GrantsEachLaneAVfAndKeepsItOnDisk) {
  dra::ClaimedLane first = lane(BitRate::gbps(10));
  first.config = {.ceiling = BitRate::gbps(20), .mtu = 9000, .interface = "rdma0", .trust = true};
  dra::ClaimedLane second = lane(BitRate::gbps(5));
  second.config.rdma = false;
  ASSERT_OK_AND_ASSIGN(const Grant grant, make_grant(ask("a", {first, second})));
  ASSERT_THAT(grant.vfs, SizeIs(2));
  EXPECT_EQ(grant.vfs[0].vf, "0000:3b:02.0");
  EXPECT_EQ(grant.vfs[0].port, kPort);
  EXPECT_EQ(grant.vfs[0].rate, (Rate{BitRate::gbps(10), BitRate::gbps(20)}));
  EXPECT_EQ(grant.vfs[0].ifname, "rdma0");
  EXPECT_EQ(grant.vfs[0].mtu, 9000);
  EXPECT_EQ(grant.vfs[0].settings.trust, true);
  EXPECT_THAT(grant.vfs[0].char_devices, testing::Contains("uverbs1"));
  EXPECT_EQ(grant.vfs[1].vf, "0000:3b:02.1");
  EXPECT_THAT(grant.vfs[1].char_devices, IsEmpty());
  EXPECT_EQ(grant.name, "ml/a");
  EXPECT_EQ(grant.pod_uid, "pod-a");
  EXPECT_THAT(saved(), testing::ElementsAre(grant));
}

TEST_F(ClaimBookTest, P4_AClaimThatIsAskedForAgainHasWhatItHad) {
  ASSERT_OK_AND_ASSIGN(const Grant grant, make_grant(ask("a", {lane(BitRate::gbps(10))})));
  ASSERT_THAT(make_grant(ask("b", {lane(BitRate::gbps(10))})), IsOk());
  EXPECT_EQ(make_grant(ask("a", {lane(BitRate::gbps(10))})).value(), grant);
  EXPECT_THAT(saved(), SizeIs(2));
}

TEST_F(ClaimBookTest, AClaimThatOutlivesItsPodIsTheNextOnes) {
  ASSERT_THAT(make_grant(ask("a", {lane(BitRate::gbps(10))})), IsOk());
  ClaimAsk again = ask("a", {lane(BitRate::gbps(10))});
  again.pod_uid = "pod-2";
  ASSERT_THAT(make_grant(again), IsOk());
  EXPECT_EQ(saved()[0].pod_uid, "pod-2");
}

TEST_F(ClaimBookTest, E7_MoreThanTheShareHasIsRefusedWithBothNumbers) {
  ASSERT_THAT(make_grant(ask("a", {lane(BitRate::gbps(30))})), IsOk());
  EXPECT_THAT(make_grant(ask("b", {lane(BitRate::gbps(11))})),
              FailsWith(Code::exhausted,
                        "request 'vf0': port eth0: 10 Gbit/s of 40 Gbit/s free, 11 Gbit/s asked"));
  EXPECT_THAT(saved(), SizeIs(1));
}

TEST_F(ClaimBookTest, E15_ALaneThatDoesNotFitLeavesNothingOfTheOthers) {
  EXPECT_THAT(make_grant(ask("a", {lane(BitRate::gbps(30)), lane(BitRate::gbps(30))})),
              FailsWith(Code::exhausted, "10 Gbit/s of 40 Gbit/s free, 30 Gbit/s asked"));
  EXPECT_THAT(saved(), IsEmpty());
  EXPECT_THAT(make_grant(ask("b", {lane(BitRate::gbps(40))})), IsOk());
}

TEST_F(ClaimBookTest, MoreLanesThanVfsAreRefused) {
  const std::vector<dra::ClaimedLane> five(5, lane(BitRate::gbps(1)));
  EXPECT_THAT(make_grant(ask("a", five)),
              FailsWith(Code::exhausted, "port eth0: none of the 4 VFs for claims is free"));
}

TEST_F(ClaimBookTest, E5_ADeviceThatIsNoneOfTheNodesIsRefused) {
  EXPECT_THAT(
      make_grant(ask("a", {lane(BitRate::gbps(1), "port-x")})),
      FailsWith(Code::not_found, "device 'port-x' of pool 'node-a' is none of this node's"));
}

TEST_F(ClaimBookTest, E10_AFloorOnAPortThatKeepsNoneIsRefusedBeforeAnyPodStarts) {
  tree_.pf(kRateless, {.vfs = 1, .driver = "sfc", .vf_driver = "sfc"});
  EXPECT_THAT(make_grant(ask("a", {lane(BitRate::gbps(1), "rateless")})),
              FailsWith(Code::unsupported, "request 'vf0': port eth1: "));
  EXPECT_THAT(saved(), IsEmpty());
  EXPECT_THAT(make_grant(ask("a", {lane(BitRate(), "rateless")})), IsOk());
}

TEST_F(ClaimBookTest, E11_ARateOnInfinibandIsRefused) {
  tree_.pf(kRateless, {.vfs = 1, .type = "32"});
  dra::ClaimedLane limited = lane(BitRate(), "rateless");
  limited.config.ceiling = BitRate::gbps(10);
  for (const dra::ClaimedLane& odd : {lane(BitRate::gbps(1), "rateless"), limited}) {
    EXPECT_THAT(make_grant(ask("a", {odd})),
                FailsWith(Code::unsupported, "request 'vf0': port eth1: "));
  }
  EXPECT_THAT(saved(), IsEmpty());
}

TEST_F(ClaimBookTest, AVfThatIsLeavingIsGrantedLast) {
  {
    ASSERT_OK_AND_ASSIGN(LockedPort locked, ledger_.lock(kPort, std::chrono::milliseconds(0)));
    LaneRecord left;
    left.id = "0000:3b:02.0";
    left.provider = "vf";
    left.phase = Phase::attached;
    locked.record().driver = "mlx5_core";
    locked.record().lanes = {left};
    ASSERT_THAT(locked.save(), IsOk());
  }
  const std::vector<dra::ClaimedLane> four(4, lane(BitRate::gbps(1)));
  ASSERT_OK_AND_ASSIGN(const Grant grant, make_grant(ask("a", four)));
  EXPECT_EQ(grant.vfs.front().vf, "0000:3b:02.1");
  EXPECT_EQ(grant.vfs.back().vf, "0000:3b:02.0");
}

TEST_F(ClaimBookTest, APortThatIsLockedHoldsUpNoClaimOfAnother) {
  tree_.pf(kRateless, {.vfs = 1, .driver = "sfc", .vf_driver = "sfc"});
  std::optional<LockedPort> locked = *ledger_.lock(kPort, std::chrono::milliseconds(0));
  std::future<bool> waits = std::async(std::launch::async, [&] {
    return make_grant(ask("a", {lane(BitRate::gbps(1))})).has_value();
  });
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(make_grant(ask("b", {lane(BitRate(), "rateless")})), IsOk());
    EXPECT_THAT(book_.release("uid-b"), IsOk());
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  locked.reset();
  EXPECT_TRUE(waits.get());
}

TEST_F(ClaimBookTest, APortThatStaysLockedIsRefusedByNameAndTheNextTryIsGranted) {
  std::optional<LockedPort> locked = *ledger_.lock(kPort, std::chrono::milliseconds(0));
  EXPECT_THAT(make_grant(ask("a", {lane(BitRate::gbps(1))}), std::chrono::milliseconds(20)),
              FailsWith(Code::busy, "port eth0: lock '" + ledger_.run_dir() +
                                        "/locks/0000:3b:00.0.lock' is still held by "));
  EXPECT_THAT(saved(), IsEmpty());
  locked.reset();
  EXPECT_THAT(make_grant(ask("a", {lane(BitRate::gbps(1))})), IsOk());
}

TEST_F(ClaimBookTest, U2_ReleasedIsReleased) {
  ASSERT_THAT(make_grant(ask("a", {lane(BitRate::gbps(40))})), IsOk());
  EXPECT_THAT(book_.release("uid-a"), IsOk());
  EXPECT_THAT(book_.release("uid-a"), IsOk());
  EXPECT_THAT(book_.release("unknown"), IsOk());
  EXPECT_THAT(saved(), IsEmpty());
  EXPECT_THAT(make_grant(ask("b", {lane(BitRate::gbps(40))})), IsOk());
}

TEST_F(ClaimBookTest, ALaneHasTheNetworkOfItsPortOrTheOneItNames) {
  configure(R"([{"name": "rail0", "mtu": 9000, "vlan": 7, "ipam": {"type": "host-local"}},
                {"name": "other", "mtu": 1400}])");
  dra::ClaimedLane named = lane(BitRate::gbps(1));
  named.config = {.mtu = 1300, .network = "other"};
  ASSERT_OK_AND_ASSIGN(const Grant grant, make_grant(ask("a", {lane(BitRate::gbps(1)), named})));
  EXPECT_EQ(grant.vfs[0].network, "rail0");
  EXPECT_THAT(grant.vfs[0].cni, testing::HasSubstr("host-local"));
  EXPECT_EQ(grant.vfs[0].mtu, 9000);
  EXPECT_EQ(grant.vfs[0].settings.vlan, VlanTag{.id = 7});
  EXPECT_EQ(grant.vfs[1].network, "other");
  EXPECT_EQ(grant.vfs[1].mtu, 1300);
  named.config.network = "nosuch";
  EXPECT_THAT(
      make_grant(ask("b", {named})),
      FailsWith(Code::invalid_argument, "the claim wants network 'nosuch', which is not for VF"));
}

TEST_F(ClaimBookTest, E19_OfManyAtOnceExactlyThoseThatFitAreGranted) {
  std::atomic<int> granted = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 16; ++i) {
      threads.emplace_back([&, i] {
        if (make_grant(ask(std::to_string(i), {lane(BitRate::gbps(15))}))) ++granted;
      });
    }
  }
  EXPECT_EQ(granted, 2);
  EXPECT_THAT(saved(), SizeIs(2));
}

}  // namespace
}  // namespace sluice
