#include <filesystem>
#include <functional>
#include <optional>

#include "pkg/inventory/locate_vf.h"
#include "test/unit/lane/node_fixture.h"

namespace sluice {
namespace {

/// The node with an RDMA device for every VF, and the namespace mode to be chosen.
class RdmaLane : public NodeTest {
 protected:
  RdmaLane() {
    tree = std::make_unique<SysfsTree>();
    tree->pf(kPort, {.vfs = 4, .driver = "mlx5_core", .rdma = true});
    sysfs = std::make_unique<Dir>(tree->root());
    device = locate_vf(*sysfs, SysfsTree::vf(kPort, 0))->rdma_device;
    kernel->node().rdma()->add(device, FakeNode::kHost);
    restart();
  }

  std::uint64_t home_of_device() { return kernel->node().rdma()->devices.at(0).netns; }

  std::string device;
};

TEST_F(RdmaLane, C34_InSharedModeTheDeviceStaysAndIsNamed) {
  kernel->node().rdma()->mode = RdmaNetnsMode::shared;
  ASSERT_OK_AND_ASSIGN(const Lane lane, attach(request(0)));
  EXPECT_EQ(lane.rdma_device, device);
  EXPECT_EQ(lane.record.rdma_device, "");
  EXPECT_EQ(home_of_device(), FakeNode::kHost);
}

TEST_F(RdmaLane, InExclusiveModeTheDeviceGoesAlongAndComesBack) {
  ASSERT_OK_AND_ASSIGN(const Lane lane, attach(request(0)));
  EXPECT_EQ(lane.record.rdma_device, device);
  EXPECT_EQ(home_of_device(), netns("p1"));
  ASSERT_THAT(detach(), IsOk());
  EXPECT_EQ(home_of_device(), FakeNode::kHost);
  expect_baseline(0);
}

TEST_F(RdmaLane, ADeviceThatCannotMoveUndoesTheLink) {
  kernel->node().rdma()->devices.at(0).movable = false;
  EXPECT_THAT(attach(request(0)), FailsWith(Code::unsupported, "move RDMA device"));
  expect_baseline(0);
}

TEST_F(RdmaLane, RenumberedCharacterDevicesUndoTheAttach) {
  kernel->node().rdma()->on_move = [&] {
    const std::string verbs = SysfsTree::device(vf(0)) + "/infiniband_verbs";
    tree->remove(verbs + "/uverbs1").write(verbs + "/uverbs9/ibdev", device + "\n");
  };
  EXPECT_THAT(attach(request(0)),
              FailsWith(Code::busy, "renumbered the character devices of VF 0000:3b:02.0"));
  EXPECT_EQ(home_of_device(), FakeNode::kHost);
  expect_baseline(0);
}

/// The VF is offered, and what containers get with it was noted before the sandbox was made.
class GrantedRdmaLane : public RdmaLane {
 protected:
  GrantedRdmaLane() {
    const Offer gold{.vf = vf(0), .port = kPort, .class_name = "gold", .rate = {}};
    EXPECT_THAT(aside->offers.save({gold}), IsOk());
    EXPECT_THAT(aside->offers.note_nodes(vf(0), {"uverbs1", "umad1"}), IsOk());
  }

  void renumber(int from, int to) {
    const std::string at = SysfsTree::device(vf(0));
    for (const std::string kind : {"infiniband_verbs/uverbs", "infiniband_mad/umad"}) {
      tree->remove(fmt::format("{}/{}{}", at, kind, from));
      tree->write(fmt::format("{}/{}{}/ibdev", at, kind, to), device + "\n");
    }
  }
};

TEST_F(GrantedRdmaLane, TheNodesThatContainersAreGivenAreThoseOfTheLane) {
  ASSERT_OK_AND_ASSIGN(const Lane lane, attach(request(0)));
  EXPECT_THAT(lane.record.char_devices, testing::ElementsAre("uverbs1", "umad1"));
}

TEST_F(GrantedRdmaLane, ASecondAttachIsNotTakenInByWhatTheFirstRenumbered) {
  kernel->node().rdma()->on_move = [&] {
    renumber(1, 9);
    kernel->node().rdma()->on_move = {};
  };
  EXPECT_THAT(attach(request(0)), FailsWith(Code::busy, "given uverbs1,umad1, it has uverbs9"));
  EXPECT_THAT(attach(request(0)), FailsWith(Code::busy, "given uverbs1,umad1, it has uverbs9"));
  restart();
  EXPECT_THAT(attach(request(0)), FailsWith(Code::busy, "given uverbs1,umad1, it has uverbs9"));
  expect_baseline(0);
}

TEST_F(GrantedRdmaLane, AMoveThatBringsTheNumbersBackIsAsGoodAsOneThatKeepsThem) {
  renumber(1, 9);
  kernel->node().rdma()->on_move = [&] { renumber(9, 1); };
  EXPECT_THAT(attach(request(0)), IsOk());
}

TEST_F(GrantedRdmaLane, InSharedModeOtherNodesThanThoseGivenRefuseTheLane) {
  kernel->node().rdma()->mode = RdmaNetnsMode::shared;
  renumber(1, 9);
  EXPECT_THAT(attach(request(0)), FailsWith(Code::internal,
                                            "given character devices uverbs1,umad1 with VF "
                                            "0000:3b:02.0, which has uverbs9,umad9 now"));
  EXPECT_EQ(recorded(), 0U);
  ASSERT_THAT(aside->offers.note_nodes(vf(0), {"uverbs9", "umad9"}), IsOk());
  EXPECT_THAT(attach(request(0)), IsOk());
}

TEST_F(GrantedRdmaLane, WhatIsNotOfferedIsComparedWithWhatItHadBefore) {
  ASSERT_THAT(aside->offers.save({}), IsOk());
  renumber(1, 9);
  EXPECT_THAT(attach(request(0)), IsOk());
}

TEST_F(RdmaLane, ADeviceThatIsElsewhereIsBusy) {
  kernel->node().rdma()->devices.at(0).netns = netns("p0");
  EXPECT_THAT(attach(request(0)), FailsWith(Code::busy, "is not in the host's namespace"));
  expect_baseline(0);
}

/// A lane with an RDMA device in exclusive mode, and a process that is killed on the way: from then
/// on it reaches no kernel, and what it still writes to the ledger is not there.
class KilledRdmaLane : public RdmaLane {
 protected:
  /// Dies before the `nth` request from now.
  void die_before(int nth) {
    kernel->log().before("", [this, nth] { nth == 1 ? die() : die_before(nth - 1); });
  }

  void die_when_the_device_has_moved() {
    kernel->node().rdma()->on_move = [this] { die(); };
  }

  /// A new process comes after the one that did `act`. Whether that one died.
  bool dies(const std::function<void()>& act) {
    record_at_death_.reset();
    act();
    if (!record_at_death_) return false;
    std::filesystem::remove(dir / kRecord);
    if (!record_at_death_->empty()) dir.write(kRecord, *record_at_death_);
    kernel->log().refuse_all({});
    kernel->node().rdma()->refusal.reset();
    kernel->node().rdma()->on_move = {};
    restart();
    return true;
  }

  void expect_all_at_home() {
    EXPECT_EQ(home_of_device(), FakeNode::kHost);
    expect_baseline(0);
    EXPECT_EQ(recorded(), 0U);
  }

 private:
  static constexpr const char* kRecord = "run/ports/0000:3b:00.0.json";

  void die() {
    if (!record_at_death_) record_at_death_ = dir.read(kRecord);
    const Error dead(Code::internal, "the process is dead");
    kernel->log().refuse_all(dead);
    kernel->node().rdma()->refusal = dead;
  }

  std::optional<std::string> record_at_death_;  ///< Empty where there was none.
};

TEST_F(KilledRdmaLane, C53_AfterTheDeviceMovedInTheDelCleansUp) {
  die_when_the_device_has_moved();
  ASSERT_TRUE(dies([&] { static_cast<void>(attach(request(0))); }));
  ASSERT_EQ(home_of_device(), netns("p1"));
  ASSERT_THAT(detach(), IsOk());
  expect_all_at_home();
}

TEST_F(KilledRdmaLane, C53_AfterTheDeviceMovedInTheNextPodsAddTakesOver) {
  die_when_the_device_has_moved();
  ASSERT_TRUE(dies([&] { static_cast<void>(attach(request(0))); }));
  ASSERT_THAT(attach(request(0, "c2", "net1", "p0")), IsOk());
  EXPECT_EQ(home_of_device(), netns("p0"));
  ASSERT_THAT(detach("c2"), IsOk());
  expect_all_at_home();
}

TEST_F(KilledRdmaLane, C53_AfterTheDeviceMovedInRecoveryBringsItHome) {
  die_when_the_device_has_moved();
  ASSERT_TRUE(dies([&] { static_cast<void>(attach(request(0))); }));
  ASSERT_THAT(lanes->recover(), IsOk());
  expect_all_at_home();
}

TEST_F(KilledRdmaLane, C53_AfterTheDeviceMovedHomeTheDelGoesOn) {
  ASSERT_THAT(attach(request(0)), IsOk());
  die_when_the_device_has_moved();
  ASSERT_TRUE(dies([&] { static_cast<void>(detach()); }));
  ASSERT_EQ(home_of_device(), FakeNode::kHost);
  ASSERT_NE(in_pod("net1"), nullptr);
  ASSERT_THAT(detach(), IsOk());
  expect_all_at_home();
}

TEST_F(KilledRdmaLane, C53_AfterTheDeviceMovedHomeTheNextPodsAddTakesOver) {
  ASSERT_THAT(attach(request(0)), IsOk());
  die_when_the_device_has_moved();
  ASSERT_TRUE(dies([&] { static_cast<void>(detach()); }));
  ASSERT_THAT(attach(request(0, "c2", "net1", "p0")), IsOk());
  EXPECT_EQ(home_of_device(), netns("p0"));
}

TEST_F(KilledRdmaLane, C53_BeforeAnyRequestOfAddAndDelTheDelEndsAtBaseline) {
  const auto live = [&] {
    static_cast<void>(attach(request(0)));
    static_cast<void>(detach());
  };
  ASSERT_FALSE(dies(live));
  const int requests = static_cast<int>(kernel->log().lines().size());
  for (int n = 1; n <= requests; ++n) {
    die_before(n);
    ASSERT_TRUE(dies(live)) << "before request " << n;
    EXPECT_THAT(detach(), IsOk());
    expect_all_at_home();
    ASSERT_FALSE(HasFailure()) << "before request " << n;
  }
}

}  // namespace
}  // namespace sluice
