// What becomes of claims that come again, come at once, or come while the API server is away.
#include <atomic>
#include <set>

#include "test/unit/agent/claims_world.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using ClaimsLife = ClaimsWorld;

std::set<std::string> vfs_of(const Grant& grant) {
  std::set<std::string> vfs;
  for (const GrantedVf& vf : grant.vfs) vfs.insert(vf.vf);
  return vfs;
}

TEST_F(ClaimsLife, U9_AClaimMadeAgainUnderItsNameIsAnother) {
  put_claim();
  ASSERT_EQ(prepare().error(), "");
  const dra::ClaimRef old = ref_;
  api_.erase(kClaimPath);
  put_claim();
  ASSERT_NE(ref_.uid, old.uid);
  ASSERT_EQ(prepare().error(), "");
  ASSERT_THAT(grants(), SizeIs(2));
  for (const std::string& vf : vfs_of(grants()[0])) {
    EXPECT_FALSE(vfs_of(grants()[1]).contains(vf)) << vf;
  }
  const dra::ClaimRef next = std::exchange(ref_, old);
  EXPECT_EQ(unprepare(), "");
  ASSERT_THAT(grants(), SizeIs(1));
  EXPECT_EQ(grants()[0].uid, next.uid);
  EXPECT_TRUE(dir_.has("cdi/sluice.dev-claim_" + next.uid + ".json"));
}

TEST_F(ClaimsLife, E2_TheOldClaimIsNotPreparedAsTheNewOne) {
  put_claim();
  const dra::ClaimRef old = ref_;
  api_.erase(kClaimPath);
  put_claim();
  ref_ = old;
  EXPECT_THAT(prepare().error(), HasSubstr("replaced"));
  EXPECT_THAT(grants(), IsEmpty());
}

TEST_F(ClaimsLife, ASecondPodOnTheClaimIsRefusedAndTheFirstKeepsItsLanes) {
  put_claim();
  ASSERT_EQ(prepare().error(), "");
  const std::vector<Grant> granted = grants();
  nlohmann::json claim = api_.object(kClaimPath);
  claim["status"]["reservedFor"].push_back({{"resource", "pods"}, {"name", "next"}, {"uid", "u"}});
  api_.put(kClaimPath, claim);
  start();  // A kubelet that starts again asks for what it has prepared.
  EXPECT_THAT(prepare().error(), HasSubstr("2"));
  EXPECT_EQ(grants(), granted);
  EXPECT_TRUE(has_cdi_file());
}

TEST_F(ClaimsLife, AnApiServerThatGoesAwayWithinAPrepareLeavesNothing) {
  put_claim();
  for (int i = 0; i < 5; ++i) {
    api_.fail_next({.status = 503, .reason = "ServiceUnavailable", .path = "/pods/trainer"});
  }
  EXPECT_THAT(prepare().error(), HasSubstr("503"));
  expect_nothing_left();
  EXPECT_EQ(prepare().error(), "");
  EXPECT_THAT(grants(), SizeIs(1));
}

TEST_F(ClaimsLife, APreparedClaimIsUnpreparedWithoutTheApiServer) {
  put_claim();
  ASSERT_EQ(prepare().error(), "");
  for (int i = 0; i < 50; ++i) api_.fail_next({.status = 503, .reason = "ServiceUnavailable"});
  EXPECT_EQ(unprepare(), "");
  expect_nothing_left();
}

TEST_F(ClaimsLife, D28_AfterARebootAClaimHasTheVfsThatItHad) {
  put_claim();
  const auto before = prepare();
  ASSERT_EQ(before.error(), "");
  const std::vector<Grant> granted = grants();
  boot_ = "boot-2";
  std::filesystem::remove_all(dir_ / "cdi");
  std::filesystem::remove_all(dir_ / "run");
  start();
  const auto after = prepare();
  EXPECT_EQ(after.SerializeAsString(), before.SerializeAsString());
  EXPECT_EQ(grants(), granted);
  EXPECT_TRUE(has_cdi_file());
}

TEST_F(ClaimsLife, AFileThatCannotBeWrittenLeavesNoGrant) {
  put_claim();
  dir_.write("cdi", "");  // No directory can be made here.
  EXPECT_THAT(prepare().error(), HasSubstr("CDI"));
  EXPECT_THAT(grants(), IsEmpty());
  std::filesystem::remove(dir_ / "cdi");
  EXPECT_EQ(prepare().error(), "");
}

// sriov_numvfs was changed by hand, say: with and without a lane on the VF.
TEST_F(ClaimsLife, U6_AClaimWhoseVfsAreGoneIsUnpreparedAndItsBandwidthFree) {
  for (const bool on_host : {false, true}) {
    SCOPED_TRACE(on_host);
    if (on_host) put_host_pod();
    put_claim("20G");
    ASSERT_EQ(prepare().error(), "");
    ASSERT_EQ(machine_.port().set_vfs(0), 0);
    EXPECT_EQ(unprepare(), "");
    EXPECT_THAT(grants(), IsEmpty());
    EXPECT_THAT(recorded(), IsEmpty());
    EXPECT_FALSE(has_cdi_file());
    ASSERT_EQ(machine_.port().set_vfs(4), 0);
    EXPECT_EQ(prepare().error(), "") << "all of the share is free again";
    EXPECT_EQ(unprepare(), "");
  }
}

class ManyClaims : public ClaimsWorld, public testing::WithParamInterface<bool> {
 protected:
  static constexpr int kClaims = 64;

  std::vector<dra::ClaimRef> put_claims(const std::string& bandwidth) {
    std::vector<dra::ClaimRef> refs;
    refs.reserve(kClaims);
    for (int i = 0; i < kClaims; ++i) {
      refs.push_back(put_claim_named(fmt::format("c{}", i), 1, bandwidth));
    }
    return refs;
  }

  static int run_all(const std::vector<dra::ClaimRef>& refs,
                     const std::function<bool(const dra::ClaimRef&)>& work) {
    std::atomic<int> done = 0;
    std::vector<std::jthread> threads;
    threads.reserve(refs.size());
    for (const dra::ClaimRef& ref : refs) {
      threads.emplace_back([&] { done += work(ref) ? 1 : 0; });
    }
    threads.clear();
    return done;
  }
};

TEST_P(ManyClaims, E19_OfSixtyFourAtOnceExactlyThoseThatFitArePrepared) {
  if (GetParam()) put_host_pod();
  const std::vector<dra::ClaimRef> refs = put_claims("15G");
  dra::ClaimHandler& claims = handler();
  BitRate most;
  machine_.kernel().log().on_request([&] {
    BitRate sum;
    for (int vf = 0; vf < 4; ++vf) sum += rate(vf).floor;
    most = std::max(most, sum);
  });
  EXPECT_EQ(run_all(refs, [&](const auto& ref) { return claims.prepare(ref).has_value(); }), 2);
  EXPECT_THAT(grants(), SizeIs(2));
  EXPECT_THAT(recorded(), SizeIs(GetParam() ? 2 : 0));
  EXPECT_LE(most, BitRate::gbps(40));
  EXPECT_EQ(run_all(refs, [&](const auto& ref) { return claims.unprepare(ref).has_value(); }),
            kClaims);
  expect_nothing_left();
}

TEST_P(ManyClaims, TheSameClaimAskedForManyTimesAtOnceIsPreparedOnce) {
  if (GetParam()) put_host_pod();
  put_claim();
  dra::ClaimHandler& claims = handler();
  const std::vector<dra::ClaimRef> same(16, ref_);
  EXPECT_EQ(run_all(same, [&](const auto& ref) { return claims.prepare(ref).has_value(); }), 16);
  ASSERT_THAT(grants(), SizeIs(1));
  EXPECT_THAT(grants()[0].vfs, SizeIs(2));
  EXPECT_THAT(recorded(), SizeIs(GetParam() ? 2 : 0));
}

INSTANTIATE_TEST_SUITE_P(Pods, ManyClaims, testing::Bool(),
                         [](const testing::TestParamInfo<bool>& is_host) {
                           return is_host.param ? "Host" : "Own";
                         });

// The kubelet prepares a claim once, and gives its devices to each pod that names it.
TEST_F(ClaimsLife, APodWithTheClaimOfAnotherGetsNoSandbox) {
  put_claim();
  ASSERT_EQ(prepare().error(), "");
  listed_.uids = {ref_.uid};
  const auto lanes = claims_->lanes_of({.name_space = "ml", .name = "trainer", .uid = "another"});
  EXPECT_THAT(lanes, FailsWith(Code::unsupported, "claim 'ml/train' has its lanes in another pod"));
  ASSERT_OK_AND_ASSIGN(const auto none,
                       claims_->lanes_of({.name_space = "ml", .name = "web", .uid = "uid-of-web"}));
  EXPECT_THAT(none, IsEmpty());
  listed_.fails = true;
  EXPECT_THAT(claims_->lanes_of({.name_space = "ml", .name = "web", .uid = "uid-of-web"}),
              FailsWith(Code::exhausted, "too often"));
}

}  // namespace
}  // namespace sluice
