// A pod whose VF is granted, with no agent on the node: the plugin in pod mode, also killed at
// every step.
#include <nlohmann/json.hpp>

#include "pkg/ledger/grant_store.h"
#include "test/netns/cni_world.h"

namespace sluice::cni {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr int kKilled = 128 + 9;

class CniGrant : public CniWorld {
 protected:
  CniGrant() {
    const Grant grant{.uid = "claim-1",
                      .name = "default/fast",
                      .pod_uid = "5f0c",
                      .vfs = {{.vf = vf(0), .port = kPort, .ifname = "rdma0", .mtu = 1400}}};
    EXPECT_THAT(store_.save({grant}), IsOk());
    written_ = dir_.read("lib/grants.json");
  }

  static std::vector<std::string> as_pod(const std::string& uid) {
    return {"CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web-0;K8S_POD_UID=" +
            uid};
  }

  PluginExit pod_call(const std::string& command, const Who& who,
                      const std::vector<std::string>& variables = as_pod("5f0c")) {
    return call(command, who,
                R"({"cniVersion":"1.1.0","name":"pods","type":"sluice","logLevel":"panic",)"
                R"("prevResult":{"cniVersion":"1.1.0","interfaces":[{"name":"eth0"}]}})",
                variables);
  }

  void add(const Who& who, const NetNs& netns) {
    const PluginExit exit = pod_call("ADD", who);
    ASSERT_EQ(exit.status, 0) << exit.output;
    const json answer = json::parse(exit.output, nullptr, false);
    ASSERT_EQ(answer["interfaces"].size(), 2U) << exit.output;
    EXPECT_EQ(answer["interfaces"][1]["name"], "rdma0");
    const std::optional<Link> link = link_in(netns, "rdma0");
    ASSERT_TRUE(link);
    EXPECT_EQ(link->mtu, 1400);
  }

  void del(const Who& who) {
    const PluginExit exit = pod_call("DEL", who);
    EXPECT_EQ(exit.status, 0) << exit.output;
  }

  void expect_grant() { EXPECT_EQ(dir_.read("lib/grants.json"), written_); }

  GrantStore store_{dir_ / "lib"};
  std::string written_;
  const Who first_{.container = "c1", .netns = path_of(*pod_), .ifname = "eth0"};
  const Who second_{.container = "c2", .netns = path_of(other_pod_), .ifname = "eth0"};
};

TEST_F(CniGrant, ThePodGetsItsVfAndTheGrantStays) {
  add(first_, *pod_);
  del(first_);
  expect_nothing_left();
  expect_grant();
  add(first_, *pod_);
  del(first_);
  expect_nothing_left();
}

// It may name that claim, too: only the agent can tell.
TEST_F(CniGrant, AnotherPodIsRefusedAndWaitsForTheAgent) {
  const PluginExit waits = pod_call("ADD", second_, as_pod("77aa"));
  EXPECT_EQ(code_of(waits), 11) << waits.output;
  const PluginExit refused = call("ADD", c2_, conf(0), as_pod("77aa"));
  EXPECT_EQ(code_of(refused), 7);
  EXPECT_THAT(refused.output, HasSubstr("is granted to 'default/fast', for the pod with UID"));
  expect_nothing_left();
  expect_grant();
}

class CniGrantKilled : public CniGrant, public testing::WithParamInterface<const char*> {
 protected:
  void die() {
    std::vector<std::string> variables = as_pod("5f0c");
    variables.push_back(fmt::format("SLUICE_CRASH_AT={}", GetParam()));
    ASSERT_EQ(pod_call("ADD", first_, variables).status, kKilled) << "never came to " << GetParam();
    expect_grant();
  }
};

class CniGrantKilledBeforeTheLaneWasWhole : public CniGrantKilled {};

TEST_P(CniGrantKilled, C53_AfterDelThePodsNextSandboxGetsTheLane) {
  die();
  del(first_);
  expect_nothing_left();
  add(second_, other_pod_);
  del(second_);
  expect_nothing_left();
  expect_grant();
}

TEST_P(CniGrantKilledBeforeTheLaneWasWhole, C53_ThePodsNextSandboxTakesOver) {
  die();
  add(second_, other_pod_);
  del(first_);  // Late.
  EXPECT_NE(link_in(other_pod_, "rdma0"), std::nullopt);
  del(second_);
  expect_nothing_left();
  expect_grant();
}

std::string name_of(const testing::TestParamInfo<const char*>& point) {
  std::string name = point.param;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(At, CniGrantKilled,
                         testing::Values("attach.reserved", "attach.configured",
                                         "attach.link_moved", "attach.moved", "attach.attached",
                                         "add.attached", "add.all_attached"),
                         name_of);
INSTANTIATE_TEST_SUITE_P(At, CniGrantKilledBeforeTheLaneWasWhole,
                         testing::Values("attach.reserved", "attach.configured",
                                         "attach.link_moved", "attach.moved"),
                         name_of);

}  // namespace
}  // namespace sluice::cni
