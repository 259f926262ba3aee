#include "agent/node_state.h"

#include <memory>

#include "test/fake/fake_front_end.h"
#include "test/support/result_matchers.h"
#include "test/support/sysfs_tree.h"
#include "test/support/temp_dir.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr const char* kPort = "0000:3b:00.0";

/// Counts how often it is asked.
class CountingKubernetes final : public NoKubernetes {
 public:
  bool is_there() const override { return true; }

  std::optional<KubernetesView> view(const Config& /*config*/) override {
    ++views;
    return KubernetesView();
  }

  int views = 0;
};

class NodeStateTest : public testing::Test {
 protected:
  NodeStateTest() { tree_.pf(kPort, {.vfs = 2}); }

  Result<NodeState> read() {
    return read_node({.sysfs = sysfs_,
                      .ledger = ledger_,
                      .grants = grants_,
                      .kubernetes = kubernetes_,
                      .front_ends = front_ends_},
                     std::make_shared<const Config>());
  }

  void record_lane(const std::string& vf) {
    ASSERT_OK_AND_ASSIGN(auto port, ledger_.lock(kPort, std::chrono::seconds(1)));
    port.record().lanes = {{.id = vf, .provider = "vf", .phase = Phase::attached}};
    ASSERT_THAT(port.save(), IsOk());
  }

  SysfsTree tree_;
  TempDir dir_;
  Dir sysfs_{tree_.root()};
  Ledger ledger_ = *Ledger::open(dir_ / "run", "boot");
  GrantStore grants_{dir_ / "lib"};
  CountingKubernetes kubernetes_;
  FakeFrontEnd classes_{FrontEndName::classes};
  FakeFrontEnd claims_{FrontEndName::claims};
  std::vector<FrontEnd*> front_ends_ = {&classes_, &claims_};
};

TEST_F(NodeStateTest, WhatPodsHaveIsWhatAllFrontEndsGaveAndWhatHasALane) {
  classes_.given = {"0000:3b:02.0"};
  claims_.given = {"0000:3b:02.1"};
  record_lane("0000:3b:02.7");
  ASSERT_OK_AND_ASSIGN(const NodeState node, read());
  EXPECT_THAT(*node.given, ElementsAre("0000:3b:02.0", "0000:3b:02.1"));
  EXPECT_THAT(node.with_lanes, UnorderedElementsAre("0000:3b:02.7"));
  EXPECT_THAT(node.in_use, UnorderedElementsAre("0000:3b:02.0", "0000:3b:02.1", "0000:3b:02.7"));
}

TEST_F(NodeStateTest, WhatIsGivenIsUnknownWhileOneFrontEndDoesNotKnow) {
  classes_.given = {"0000:3b:02.0"};
  claims_.given = std::nullopt;
  ASSERT_OK_AND_ASSIGN(const NodeState node, read());
  EXPECT_FALSE(node.given);
}

TEST_F(NodeStateTest, KubernetesIsAskedOnlyForAFrontEndThatNeedsIt) {
  ASSERT_OK_AND_ASSIGN(const NodeState quiet, read());
  EXPECT_FALSE(quiet.kubernetes);
  EXPECT_EQ(kubernetes_.views, 0);
  claims_.asks = true;
  ASSERT_OK_AND_ASSIGN(const NodeState asked, read());
  EXPECT_TRUE(asked.kubernetes);
  EXPECT_EQ(kubernetes_.views, 1);
}

TEST_F(NodeStateTest, DamagedGrantsAreSetAsideAndSaid) {
  ASSERT_THAT(grants_.save({}), IsOk());
  dir_.write("lib/grants.json", "{");
  EXPECT_THAT(read(), FailsWith(Code::data_loss, "moved to"));
  ASSERT_OK_AND_ASSIGN(const NodeState node, read());
  EXPECT_THAT(node.grants, IsEmpty());
}

}  // namespace
}  // namespace sluice
