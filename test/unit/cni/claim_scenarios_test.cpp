// A claim's lanes as the container runtime asks for them: the scenarios of claims and network
// namespaces.
#include <cerrno>

#include "pkg/inventory/locate_vf.h"
#include "test/unit/cni/pod_mode_fixture.h"

namespace sluice::cni {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// The pod's claim has so many VFs of the port, "rdma0", "rdma1", …; nothing is offered, and no
/// agent is alive.
class ClaimScenarios : public PodModeTest {
 protected:
  void prepare(int vfs) {
    server.reset();
    ASSERT_THAT(aside->offers.save({}), IsOk());
    Grant grant{.uid = "claim-1", .name = "default/fast", .pod_uid = "5f0c", .vfs = {}};
    grant.vfs.reserve(static_cast<std::size_t>(vfs));
    for (int i = 0; i < vfs; ++i) {
      grant.vfs.push_back({.vf = vf(i),
                           .port = kPort,
                           .ifname = fmt::format("rdma{}", i),
                           .rate = {.floor = BitRate::gbps(3), .ceiling = BitRate::gbps(4)}});
    }
    ASSERT_THAT(aside->grants.save({grant}), IsOk());
    granted_ = {grant};
  }

  std::vector<std::string> add() {
    const auto result = perform(add_pod);
    EXPECT_TRUE(result) << result.error().message;
    std::vector<std::string> names;
    if (!result || !*result) return names;
    for (const Interface& each : (*result)->interfaces) names.push_back(each.name);
    return names;
  }

  void expect_home(int vfs) {
    EXPECT_EQ(recorded(), 0U);
    for (int i = 0; i < vfs; ++i) expect_baseline(i);
    EXPECT_EQ(aside->grants.peek().value(), granted_);
  }

  std::vector<Grant> granted_;
};

class ClaimOnRdma : public ClaimScenarios, public testing::WithParamInterface<RdmaNetnsMode> {
 protected:
  // Where VF 0's device is.
  std::uint64_t home_of_device() { return kernel->node().rdma()->devices.at(0).netns; }
};

TEST_P(ClaimOnRdma, N1_ThePodHasTheLinkByItsNameAndTheRdmaDeviceWhereTheModeIsExclusive) {
  tree = std::make_unique<SysfsTree>();
  tree->pf(kPort, {.vfs = 4, .driver = "mlx5_core", .rdma = true});
  sysfs = std::make_unique<Dir>(tree->root());
  const std::string device = locate_vf(*sysfs, SysfsTree::vf(kPort, 0))->rdma_device;
  kernel->node().rdma()->mode = GetParam();
  kernel->node().rdma()->add(device, FakeNode::kHost);
  restart();
  prepare(1);
  EXPECT_THAT(add(), ElementsAre("eth0", "rdma0"));
  EXPECT_NE(in_pod("rdma0"), nullptr);
  EXPECT_EQ(rate(0), gbps(3, 4));
  const bool goes_along = GetParam() == RdmaNetnsMode::exclusive;
  EXPECT_EQ(home_of_device(), goes_along ? netns("p1") : FakeNode::kHost);
  ASSERT_TRUE(perform(del));
  EXPECT_EQ(home_of_device(), FakeNode::kHost);
  expect_home(1);
}

INSTANTIATE_TEST_SUITE_P(Mode, ClaimOnRdma,
                         testing::Values(RdmaNetnsMode::exclusive, RdmaNetnsMode::shared),
                         [](const testing::TestParamInfo<RdmaNetnsMode>& mode) {
                           return mode.param == RdmaNetnsMode::exclusive ? "Exclusive" : "Shared";
                         });

TEST_F(ClaimScenarios, N5_ADelIsSuccessTwiceAndWhateverBecameOfTheNamespace) {
  prepare(2);
  for (const char* const left : {"/run/netns/p1", "", "/run/netns/nosuch"}) {
    SCOPED_TRACE(left);
    environment.netns = "/run/netns/p1";
    ASSERT_THAT(add(), SizeIs(3));
    environment.netns = left;
    EXPECT_TRUE(perform(del));
    expect_home(2);
    EXPECT_TRUE(perform(del));
    expect_home(2);
  }
}

TEST_F(ClaimScenarios, N5_ADelOfASandboxThatIsNotKnownLeavesTheLanesAlone) {
  prepare(1);
  ASSERT_THAT(add(), SizeIs(2));
  environment.container_id = "c9";
  EXPECT_TRUE(perform(del));
  EXPECT_NE(in_pod("rdma0"), nullptr);
  EXPECT_EQ(rate(0), gbps(3, 4));
}

TEST_F(ClaimScenarios, N10_EachOfSixteenLanesCostsWhatOneDoesAndNoneWaits) {
  plug("mlx5_core", "100000", {}, 16);
  const auto requests_of_add = [this](int vfs) {
    prepare(vfs);
    kernel->log().clear();
    EXPECT_THAT(add(), SizeIs(static_cast<std::size_t>(vfs) + 1));
    const std::size_t requests = kernel->log().lines().size();
    EXPECT_THAT(kernel->log().matching("netns="), SizeIs(static_cast<std::size_t>(vfs)));
    EXPECT_TRUE(perform(del));
    expect_home(vfs);
    return requests;
  };
  const std::size_t one = requests_of_add(1);
  EXPECT_LE(requests_of_add(16), 16 * one);
}

TEST_F(ClaimScenarios, N12_CheckFindsARateThatIsNotTheClaims) {
  prepare(2);
  conf.prev_result = **perform(add_pod);
  const auto checked = perform(check_pod);
  EXPECT_TRUE(checked) << checked.error().message;
  kernel->node().vf("eth0", 1).info.rate = gbps(3, 7);
  EXPECT_THAT(perform(check_pod), FailsAs(ErrorCode::internal, "lane " + vf(1) + " differs"));
}

TEST_F(ClaimScenarios, N12_CheckFindsALaneOfTheClaimThatIsNotRecorded) {
  prepare(1);
  conf.prev_result = **perform(add_pod);
  ASSERT_TRUE(perform(del));
  EXPECT_THAT(perform(check_pod),
              FailsAs(ErrorCode::mismatch, "lane " + vf(0) + " of prevResult ('rdma0') is not"));
}

TEST_F(ClaimScenarios, N12_StatusNeedsNoAgentForWhatIsPrepared) {
  prepare(1);
  const auto ask = [&](const Task& task) { return status(task, dir / "run"); };
  EXPECT_TRUE(perform(ask));
  EXPECT_THAT(perform([&](const Task& task) { return status(task, dir / "nosuch"); }),
              FailsAs(ErrorCode::unavailable, "nosuch"));
}

TEST_F(ClaimScenarios, N12_GcTakesBackTheLanesOfSandboxesThatAreNotInItsList) {
  prepare(2);
  ASSERT_THAT(add(), SizeIs(3));
  conf.keep = {{"c1", "eth0"}};
  ASSERT_TRUE(perform(gc));
  EXPECT_EQ(recorded(), 2U);
  conf.keep = {{"c2", "eth0"}};
  ASSERT_TRUE(perform(gc));
  expect_home(2);
}

/// The second lane's rate fails with that, however it is written.
class ClaimOnADriver : public ClaimScenarios, public testing::WithParamInterface<int> {};

TEST_P(ClaimOnADriver, E13_ARateThatIsRefusedLeavesNoLaneOfTheClaimAndNamesTheErrno) {
  prepare(2);
  const Error refusal = Error::from_errno(GetParam(), "set VF");
  for (int i = 0; i < 10; ++i) kernel->log().fail_on("rate=3000..4000", refusal, 2);
  const auto result = perform(add_pod);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message,
              testing::AllOf(testing::HasSubstr("attach " + vf(1) + " granted to 'default/fast'"),
                             testing::HasSubstr(refusal.message())));
  expect_home(2);
  kernel->log().forget_faults();
  EXPECT_THAT(add(), SizeIs(3)) << "the runtime tries again";
}

INSTANTIATE_TEST_SUITE_P(Says, ClaimOnADriver, testing::Values(EINVAL, EOPNOTSUPP, EBUSY),
                         [](const testing::TestParamInfo<int>& what) {
                           return std::string(::strerrorname_np(what.param));
                         });

}  // namespace
}  // namespace sluice::cni
