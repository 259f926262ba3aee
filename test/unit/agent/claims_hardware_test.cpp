// Claims on hardware that changes, or that cannot do what they ask.
#include "test/unit/agent/claims_world.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ClaimsHardwareTest : public ClaimsWorld {
 protected:
  nlohmann::json devices() const {
    const auto slices = api_.list("/apis/resource.k8s.io/v1/resourceslices");
    if (slices.empty() || !slices[0]["spec"].contains("devices")) return nlohmann::json::array();
    return slices[0]["spec"]["devices"];
  }

  std::string port_link() const { return node().inventory.ports.at(0).link; }

  int port_index() { return machine_.node().link_of(kPort)->link.index; }

  // Steps of the agent until the API server has what is expected.
  bool shows(const std::function<bool(const nlohmann::json& devices)>& expected) {
    return eventually([&] {
      step();
      return expected(devices());
    });
  }
};

TEST_F(ClaimsHardwareTest, S9_ASlowerWireIsPublishedAndClaimsKeepWhatTheyHave) {
  put_claim();
  ASSERT_EQ(prepare().error(), "");
  const std::vector<Grant> before = grants();
  machine_.port().restore_carrier(25000);
  ASSERT_TRUE(shows([](const auto& devices) {
    return !devices.empty() && devices[0]["capacity"]["bandwidth"]["value"] == "10G";
  }));
  EXPECT_EQ(devices()[0]["taints"][0]["key"], "sluice.dev/overcommitted");
  EXPECT_EQ(grants(), before);
}

TEST_F(ClaimsHardwareTest, S11_VfsThatAreMadeLaterArePublishedWithoutARestart) {
  ASSERT_EQ(machine_.port().set_vfs(0), 0);
  step();
  EXPECT_THAT(devices(), IsEmpty());
  ASSERT_EQ(machine_.port().set_vfs(2), 0);
  ASSERT_TRUE(shows([](const auto& devices) {
    return !devices.empty() && devices[0]["capacity"]["vfs"]["value"] == "2";
  }));
}

// A port that carries the node's own traffic is divided like any other: its VFs are given, and its
// link stays as it is.
TEST_F(ClaimsHardwareTest, S12_AnUplinkGivesItsVfsAndIsNeverGivenItself) {
  machine_.tree().make_link(SysfsTree::device(kPort) + "/net/" + port_link() + "/master",
                            "../../bond0");
  ASSERT_EQ(node().inventory.ports.at(0).bond, "bond0");
  ASSERT_TRUE(shows([](const auto& devices) {
    return !devices.empty() && devices[0]["capacity"]["vfs"]["value"] == "4";
  }));
  EXPECT_FALSE(devices()[0].contains("taints"));
  put_host_pod();
  ref_ = put_claim_named("train", 4, "1G");
  ASSERT_EQ(prepare().error(), "");
  ASSERT_THAT(grants(), SizeIs(1));
  for (const GrantedVf& granted : grants()[0].vfs) EXPECT_NE(granted.vf, kPort);
  ref_ = put_claim_named("late", 1, "1G");
  EXPECT_THAT(prepare().error(), HasSubstr("none of the 4 VFs for claims is free"));
  const auto changes = machine_.kernel().log().matching(fmt::format("change {} ", port_index()));
  EXPECT_THAT(changes, IsEmpty());
  EXPECT_EQ(node().inventory.ports.at(0).state, PortState::ready);
}

}  // namespace
}  // namespace sluice
