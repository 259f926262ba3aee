// The program itself, killed after each durable step of Prepare and Unprepare; and what comes next.
#include <cstdlib>

#include "pkg/ledger/grant_store.h"
#include "test/fake/fake_api_server.h"
#include "test/fake/fake_slice_rules.h"
#include "test/support/dra_calls.h"
#include "test/unit/agent/agent_world.h"
#include "test/unit/dra_claim/claim_object.h"

namespace sluice {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr int kKilled = 128 + 9;

class ClaimsKilled : public AgentWorld, public testing::WithParamInterface<const char*> {
 protected:
  ClaimsKilled() {
    deploy(R"({"ports": [{"select": {}, "vfs": 4, "shares": {"claims": {}}}], "classes": []})");
    api_.put("/api/v1/nodes/n", {{"metadata", {{"name", "n"}}}});
    api_.put(
        "/api/v1/namespaces/ml/pods/trainer",
        {{"metadata", {{"name", "trainer"}}}, {"spec", {{"containers", nlohmann::json::array()}}}});
    dra::ClaimObject claim;
    auto& share = claim.share("vf0", "10G");
    share["pool"] = "n";
    share["device"] = "port-0000-3b-00-0";
    claim.json()["status"]["reservedFor"][0]["uid"] = uid_of("/api/v1/namespaces/ml/pods/trainer");
    api_.put(kClaimPath, claim.json());
    ref_ = {.uid = uid_of(kClaimPath), .ns = "ml", .name = "train"};
    api_.serve("resource.k8s.io", {"v1"});
    api_.admit_with(slice_admission());
    write_kubeconfig(api_.url());
  }

  ~ClaimsKilled() override { ::unsetenv(kVariable); }  // NOLINT(concurrency-mt-unsafe)

  std::string uid_of(const char* path) const {
    return api_.object(path)["metadata"]["uid"].get<std::string>();
  }

  // Until the kubelet has the driver: sockets of killed instances are gone by then.
  void run() {
    agent_ = start({"--kubeconfig", dir_ / "kubeconfig", "--node-name", "n"});
    EXPECT_NE(agent_->wait_for_line("the kubelet has accepted the DRA driver"), "");
    std::error_code gone;
    for (const auto& each :
         std::filesystem::directory_iterator(dir_ / "kubelet/plugins/sluice.dev", gone)) {
      if (each.is_socket()) driver_ = unix_channel(each.path());
    }
  }

  // A program that is to die at the point.
  void run_to_die() {
    ::setenv(kVariable, GetParam(), 1);  // NOLINT(concurrency-mt-unsafe)
    run();
    ::unsetenv(kVariable);  // NOLINT(concurrency-mt-unsafe)
  }

  // Whether the call was answered, and well.
  bool prepare() {
    const auto answer = dra::ask_to_prepare(driver_, ref_);
    return answer && answer->error().empty();
  }

  bool unprepare() {
    const auto answer = dra::ask_to_unprepare(driver_, ref_);
    return answer && answer->empty();
  }

  std::vector<Grant> grants() const { return GrantStore(dir_ / "state").peek().value(); }

  bool has_cdi_file() const { return dir_.has("cdi/sluice.dev-claim_" + ref_.uid + ".json"); }

  void expect_prepared() {
    EXPECT_THAT(grants(), SizeIs(1));
    EXPECT_TRUE(has_cdi_file());
  }

  void expect_nothing_left() {
    EXPECT_THAT(grants(), IsEmpty());
    EXPECT_FALSE(has_cdi_file());
  }

  static constexpr const char* kVariable = "SLUICE_CRASH_AT";
  static constexpr const char* kClaimPath =
      "/apis/resource.k8s.io/v1/namespaces/ml/resourceclaims/train";

  FakeApiServer api_;
  dra::ClaimRef ref_;
  std::unique_ptr<ChildProcess> agent_;
  std::shared_ptr<grpc::Channel> driver_;
};

class ClaimsKilledInPrepare : public ClaimsKilled {
 protected:
  void die() {
    run_to_die();
    EXPECT_FALSE(prepare());
    ASSERT_EQ(agent_->wait_for_end(), kKilled) << "never came to " << GetParam();
    run();
  }
};

class ClaimsKilledInUnprepare : public ClaimsKilled {
 protected:
  void die() {
    run_to_die();
    ASSERT_TRUE(prepare());
    EXPECT_FALSE(unprepare());
    ASSERT_EQ(agent_->wait_for_end(), kKilled) << "never came to " << GetParam();
    run();
  }
};

TEST_P(ClaimsKilledInPrepare, K1_PrepareAgainIsAsIfNothingHadBeen) {
  die();
  EXPECT_TRUE(prepare());
  expect_prepared();
  EXPECT_TRUE(unprepare());
  expect_nothing_left();
}

TEST_P(ClaimsKilledInPrepare, K1_UnprepareLeavesNothing) {
  die();
  EXPECT_TRUE(unprepare());
  expect_nothing_left();
}

// No container starts with a device whose VF is not the claim's.
TEST_P(ClaimsKilledInPrepare, K1_WithoutAnyCallTheVfsStayTheClaims) {
  die();
  EXPECT_THAT(grants(), SizeIs(1));
}

TEST_P(ClaimsKilledInUnprepare, K1_UnprepareAgainLeavesNothing) {
  die();
  EXPECT_TRUE(unprepare());
  expect_nothing_left();
}

TEST_P(ClaimsKilledInUnprepare, K1_PrepareMakesAllOfItAgain) {
  die();
  EXPECT_TRUE(prepare());
  expect_prepared();
}

TEST_P(ClaimsKilledInUnprepare, K1_WithoutAnyCallNoContainerGetsTheDevices) {
  die();
  EXPECT_FALSE(has_cdi_file());
}

std::string name_of(const testing::TestParamInfo<const char*>& at) {
  std::string name = at.param;
  std::ranges::replace(name, '.', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(At, ClaimsKilledInPrepare,
                         testing::Values("prepare.granted", "prepare.written"), name_of);
INSTANTIATE_TEST_SUITE_P(At, ClaimsKilledInUnprepare,
                         testing::Values("unprepare.hidden", "unprepare.released",
                                         "unprepare.revoked"),
                         name_of);

}  // namespace
}  // namespace sluice
