// Claims while one agent hands over to another: each a process, with one kubelet and API server.
#include <atomic>
#include <csignal>
#include <future>

#include "pkg/ledger/grant_store.h"
#include "pkg/ledger/ledger.h"
#include "test/fake/fake_api_server.h"
#include "test/fake/fake_slice_rules.h"
#include "test/support/dra_calls.h"
#include "test/unit/agent/agent_world.h"
#include "test/unit/dra_claim/claim_object.h"

namespace sluice {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kPort = "0000:3b:00.0";
constexpr const char* kClaimPath = "/apis/resource.k8s.io/v1/namespaces/ml/resourceclaims/train";
constexpr const char* kPodPath = "/api/v1/namespaces/ml/pods/trainer";
constexpr const char* kSlices = "/apis/resource.k8s.io/v1/resourceslices";
constexpr const char* kShares =
    R"({"ports": [{"select": {}, "vfs": "max", "shares": {"claims": {"bandwidth": "40%"}}}],
        "classes": []})";

class ClaimsHandOver : public AgentWorld {
 protected:
  ClaimsHandOver() {
    std::filesystem::create_directories(dir_ / "kubelet/plugins");
    api_.put("/api/v1/nodes/n", {{"metadata", {{"name", "n"}}}});
    api_.serve("resource.k8s.io", {"v1"});
    api_.admit_with(slice_admission());
    api_.put(kPodPath, {{"metadata", {{"name", "trainer"}}},
                        {"spec", {{"containers", nlohmann::json::array()}}}});
    write_kubeconfig(api_.url());
    put_claim();
    deploy(kShares);
  }

  void put_claim() {
    dra::ClaimObject claim;
    auto& share = claim.share("vf0", "10G");
    share["pool"] = "n";
    share["device"] = "port-0000-3b-00-0";
    claim.json()["status"]["reservedFor"][0]["uid"] = uid_of(kPodPath);
    api_.put(kClaimPath, claim.json());
    ref_ = {.uid = uid_of(kClaimPath), .ns = "ml", .name = "train"};
  }

  std::string uid_of(const char* path) const {
    return api_.object(path)["metadata"]["uid"].get<std::string>();
  }

  std::unique_ptr<ChildProcess> next() {
    return start({"--take-over", "--kubeconfig", dir_ / "kubeconfig", "--node-name", "n"});
  }

  std::unique_ptr<ChildProcess> first() {
    auto agent = next();
    EXPECT_TRUE(kubelet_.wait([&] { return !driver().empty(); }));
    EXPECT_TRUE(kubelet_.wait([&] { return !api_.list(kSlices).empty(); }));
    EXPECT_TRUE(kubelet_.wait([&] { return has_started(); }));
    return agent;
  }

  bool has_started() const {
    ChildProcess probe({SLUICED, "started", "--run-dir", dir_ / "run"});
    return probe.wait_for_end() == 0;
  }

  std::string driver() const { return kubelet_.driver("sluice.dev"); }

  /// As the kubelet, to the instance that it found last.
  Result<> prepare() const {
    const auto answer = TRY(dra::ask_to_prepare(unix_channel(driver()), ref_));
    return answer.error().empty() ? Result<>() : Error(Code::internal, answer.error());
  }

  Result<> unprepare() const {
    const std::string error = TRY(dra::ask_to_unprepare(unix_channel(driver()), ref_));
    return error.empty() ? Result<>() : Error(Code::internal, error);
  }

  Result<> live() const {
    TRY(prepare());
    return unprepare();
  }

  std::vector<Grant> grants() const { return *GrantStore(dir_ / "state").peek(); }

  FakeApiServer api_;
  dra::ClaimRef ref_;
};

TEST_F(ClaimsHandOver, AllArePreparedAndUnpreparedMeanwhile) {
  auto old = first();
  std::atomic<bool> done = false;
  std::atomic<int> lives = 0;
  auto living = std::async(std::launch::async, [&] {
    Result<> all;
    for (; !done; ++lives) {
      Result<> lived = live();
      if (!lived && all) all = std::move(lived);
      std::this_thread::sleep_for(std::chrono::milliseconds(10));  // Its lines must fit a pipe.
    }
    return all;
  });
  for (int round = 0; round < 2; ++round) {
    auto young = next();
    EXPECT_NE(old->wait_for_line("handed over"), "");
    EXPECT_NE(young->wait_for_line("the kubelet has accepted the DRA driver"), "");
    ASSERT_TRUE(kubelet_.wait([&] { return has_started(); }));
    old->send(SIGTERM);
    EXPECT_EQ(old->wait_for_end(), 0) << old->said();
    old = std::move(young);
  }
  done = true;
  EXPECT_THAT(living.get(), IsOk());
  EXPECT_GT(lives, 5);
  EXPECT_THAT(grants(), IsEmpty());
  EXPECT_THAT(api_.list(kSlices), SizeIs(1));
}

TEST_F(ClaimsHandOver, APrepareUnderWayIsFinishedBeforeTheOldOneHandsOver) {
  const auto old = first();
  auto locked = std::optional(
      *Ledger::open(dir_ / "run", *this_boot())->lock(kPort, std::chrono::seconds(5)));
  auto preparing = std::async(std::launch::async, [this] { return prepare(); });
  const auto young = next();
  EXPECT_NE(old->wait_for_line("handing over"), "");
  EXPECT_EQ(old->said().find("handed over"), std::string::npos);
  locked.reset();
  EXPECT_THAT(preparing.get(), IsOk());
  EXPECT_NE(old->wait_for_line("handed over"), "");
  ASSERT_TRUE(kubelet_.wait([&] { return has_started(); }));
  EXPECT_THAT(grants(), SizeIs(1));
  EXPECT_THAT(unprepare(), IsOk());
  EXPECT_THAT(grants(), IsEmpty());
}

TEST_F(ClaimsHandOver, OneThatIsKilledWhileItHandsOverLeavesTheNodeToTheNext) {
  const auto old = first();
  auto locked = std::optional(
      *Ledger::open(dir_ / "run", *this_boot())->lock(kPort, std::chrono::seconds(5)));
  auto preparing = std::async(std::launch::async, [this] { return prepare(); });
  const auto young = next();
  EXPECT_NE(old->wait_for_line("handing over"), "");
  old->send(SIGKILL);
  EXPECT_EQ(old->wait_for_end(), 128 + SIGKILL);
  locked.reset();
  EXPECT_FALSE(preparing.get());  // The kubelet repeats it.
  EXPECT_NE(young->wait_for_line("the kubelet has accepted the DRA driver"), "");
  EXPECT_THAT(live(), IsOk());
  EXPECT_THAT(grants(), IsEmpty());
}

}  // namespace
}  // namespace sluice
