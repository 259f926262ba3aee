// VFs that a grant sets aside for one pod.
#include "test/unit/lane/node_fixture.h"

namespace sluice {
namespace {

class AttachGranted : public NodeTest {
 protected:
  /// The claim of pod "pod-1" on VF 0.
  static Grant grant() {
    GrantedVf granted{.vf = vf(0), .port = kPort, .rate = gbps(60, 80)};
    granted.settings.vlan = VlanTag{.id = 100};
    granted.mtu = 4000;
    return {.uid = "claim-1", .name = "ml/train", .pod_uid = "pod-1", .vfs = {granted}};
  }
};

TEST_F(AttachGranted, AGrantedVfGetsWhatItsGrantSaysAndCostsNoSecondPromise) {
  ASSERT_THAT(aside->grants.save({grant()}), IsOk());
  LaneRequest wanted = request(0);
  wanted.owner.pod_uid = "pod-1";
  ASSERT_OK_AND_ASSIGN(const Lane lane, attach(wanted));
  EXPECT_EQ(rate(0), gbps(60, 80));
  EXPECT_EQ(lane.record.settings.vlan, (VlanTag{.id = 100}));
  EXPECT_EQ(lane.record.mtu, 4000);
  LaneRequest other = request(1, "c2", "net1", "p0");
  other.floor = BitRate::gbps(41);
  EXPECT_THAT(attach(other), FailsWith(Code::exhausted, "40 Gbit/s of 100 Gbit/s free"));
  other.floor = BitRate::gbps(40);
  EXPECT_THAT(attach(other), IsOk());
}

TEST_F(AttachGranted, AGrantKeepsItsBandwidthBeforeItsPodHasALane) {
  ASSERT_THAT(aside->grants.save({grant()}), IsOk());
  LaneRequest other = request(1);
  other.floor = BitRate::gbps(41);
  EXPECT_THAT(attach(other), FailsWith(Code::exhausted, "40 Gbit/s of 100 Gbit/s free"));
}

TEST_F(AttachGranted, AVfGrantedToAnotherPodIsRefusedAtOnceThoughItIsFree) {
  ASSERT_THAT(aside->grants.save({grant()}), IsOk());
  for (const char* const uid : {"pod-2", ""}) {
    LaneRequest wanted = request(0);
    wanted.owner.pod_uid = uid;
    EXPECT_THAT(attach(wanted), FailsWith(Code::invalid_argument,
                                          "VF 0000:3b:02.0 is granted to 'ml/train', for the pod "
                                          "with UID 'pod-1'"));
  }
  EXPECT_EQ(recorded(), 0U);
}

TEST_F(AttachGranted, WithoutTheGrantByWhichItWasAskedForThereIsNoLane) {
  LaneRequest wanted = request(0);
  wanted.owner.pod_uid = "pod-1";
  wanted.needs_grant = true;
  EXPECT_THAT(attach(wanted),
              FailsWith(Code::invalid_argument,
                        "the grant of VF 0000:3b:02.0 to the pod with UID 'pod-1' was taken back"));
  EXPECT_EQ(recorded(), 0U);
  ASSERT_THAT(aside->grants.save({grant()}), IsOk());
  EXPECT_THAT(attach(wanted), IsOk());
}

TEST_F(AttachGranted, MoreThanTheGrantIsRefused) {
  ASSERT_THAT(aside->grants.save({grant()}), IsOk());
  LaneRequest wanted = request(0);
  wanted.owner.pod_uid = "pod-1";
  wanted.floor = BitRate::gbps(61);
  EXPECT_THAT(attach(wanted), FailsWith(Code::invalid_argument,
                                        "floor 61 Gbit/s asked, but VF 0000:3b:02.0 is "
                                        "granted to 'ml/train' with 60 Gbit/s"));
}

TEST_F(AttachGranted, TheGrantOutlivesACrashedLaneOnItsVf) {
  ASSERT_THAT(aside->grants.save({grant()}), IsOk());
  LaneRequest wanted = request(0);
  wanted.owner.pod_uid = "pod-1";
  ASSERT_THAT(attach(wanted), IsOk());
  {
    ASSERT_OK_AND_ASSIGN(LockedPort locked, ledger->lock(kPort, std::chrono::milliseconds(0)));
    locked.record().lanes[0].phase = Phase::reserved;
    ASSERT_THAT(locked.save(), IsOk());
  }
  ASSERT_THAT(lanes->recover(), IsOk());
  EXPECT_EQ(recorded(), 0U);
  EXPECT_EQ(rate(0), Rate());
  EXPECT_EQ(aside->grants.peek()->size(), 1U);
  LaneRequest other = request(0, "c2", "net1", "p0");
  other.owner.pod_uid = "pod-2";
  EXPECT_THAT(attach(other), FailsWith(Code::invalid_argument, "granted to 'ml/train'"));
  EXPECT_THAT(attach(wanted), IsOk());
}

TEST_F(AttachGranted, DamagedGrantsRefuseEveryLane) {
  ASSERT_THAT(aside->grants.save({grant()}), IsOk());
  dir.write("lib/grants.json", "junk");
  EXPECT_THAT(attach(request(0)), FailsWith(Code::data_loss, "grants.json"));
  EXPECT_EQ(recorded(), 0U);
}

}  // namespace
}  // namespace sluice
