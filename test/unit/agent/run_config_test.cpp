// How the agent takes configurations, good and bad ones.
#include <csignal>

#include "test/unit/agent/agent_world.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

constexpr const char* kVf = "sluice.dev/vf";
constexpr const char* kOneClass =
    R"({"ports": [{"select": {}, "vfs": "max"}], "classes": [{"name": "vf", "floor": "10G"}]})";

class AgentConfiguration : public AgentWorld {};

TEST_F(AgentConfiguration, AWrongConfigurationIsNamedWholeAtTheStart) {
  deploy(R"({"ports": [{"select": {}, "vfs": -1}], "classes": [{"name": "A"}]})");
  const auto agent = start();
  EXPECT_EQ(agent->wait_for_end(), 2);
  EXPECT_THAT(agent->said(), HasSubstr("/ports/0/vfs"));
  EXPECT_THAT(agent->said(), HasSubstr("/classes/0/name"));
  EXPECT_FALSE(dir_.has("run"));
}

TEST_F(AgentConfiguration, D16_TakesUpANewConfigurationAtOnce) {
  deploy(R"({"ports": [{"select": {}, "vfs": "max"}], "classes": [{"name": "vf", "max": 1}]})");
  const auto agent = start();
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 1));
  deploy(R"({"ports": [{"select": {}, "vfs": "max"}],
             "classes": [{"name": "vf", "max": 1}, {"name": "gold", "floor": "20G"}]})");
  EXPECT_TRUE(kubelet_.wait_healthy("sluice.dev/gold", 3));
}

TEST_F(AgentConfiguration, AClassThatClaimsServeIsNoResourceOfTheKubelet) {
  const auto with = [](const std::string& by) {
    return R"({"ports": [{"select": {}, "vfs": "max", "shares": {
                 "classes": {"vfs": 2, "bandwidth": "50%"}, "claims": {}}}],
               "classes": [{"name": "vf", "max": 1}, {"name": "gold", "floor": "20G", "by": ")" +
           by + "\"}]}";
  };
  deploy(with("claims"));
  const auto agent = start();
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 1));
  EXPECT_THAT(kubelet_.healthy("sluice.dev/gold"), SizeIs(0));
  deploy(with("classes"));
  EXPECT_TRUE(kubelet_.wait_healthy("sluice.dev/gold", 1));
}

TEST_F(AgentConfiguration, LetsContainersLockAsMuchMemoryAsItSays) {
  deploy(R"({"ports": [{"select": {}, "vfs": "max"}], "classes": [{"name": "vf", "max": 1}]})");
  const auto agent = start({"--memlock-hook", "/opt/sluice/memlock"});
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 1));
  EXPECT_THAT(dir_.read("cdi/sluice.dev-vf.json"),
              HasSubstr(R"("path":"/opt/sluice/memlock","args":["memlock"])"));
  deploy(R"({"ports": [{"select": {}, "vfs": "max"}], "classes": [{"name": "vf", "max": 2}],
             "lockedMemory": "1Gi"})");
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 2));
  EXPECT_THAT(dir_.read("cdi/sluice.dev-vf.json"), HasSubstr(R"("--bytes","1073741824")"));
  deploy(R"({"ports": [{"select": {}, "vfs": "max"}], "classes": [{"name": "vf", "max": 3}],
             "lockedMemory": "leave"})");
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 3));
  EXPECT_THAT(dir_.read("cdi/sluice.dev-vf.json"), Not(HasSubstr("hooks")));
}

TEST_F(AgentConfiguration, ARelativePathOfTheHookIsWrongUse) {
  deploy(kOneClass);
  const auto agent = start({"--memlock-hook", "sluice-memlock"});
  EXPECT_NE(agent->wait_for_end(), 0);
  EXPECT_THAT(agent->said(), HasSubstr("--memlock-hook: want an absolute path"));
}

TEST_F(AgentConfiguration, D16_AConfigurationThatIsNotGoodChangesNothing) {
  deploy(R"({"ports": [{"select": {}, "vfs": "max"}], "classes": [{"name": "vf", "max": 1}]})");
  const auto agent = start();
  ASSERT_TRUE(kubelet_.wait_healthy(kVf, 1));
  deploy(R"({"ports": [], "classes": [{"name": "vf", "flor": "1G"}]})");
  const std::string line = agent->wait_for_line("the last good one stays in force");
  EXPECT_THAT(line, HasSubstr("/classes/0/flor")) << agent->said();
  EXPECT_TRUE(kubelet_.wait_healthy(kVf, 1));
  EXPECT_THAT(get(*agent, "/metrics").body,
              HasSubstr(R"(sluice_config_loads_total{result="bad"} 1)"));
  EXPECT_THAT(get(*agent, "/metrics").body, HasSubstr("sluice_config_good 0"));
  EXPECT_EQ(get(*agent, "/readyz").status, 503);
  deploy(R"({"ports": [{"select": {}, "vfs": "max"}], "classes": [{"name": "vf", "max": 1}]})");
  EXPECT_NE(agent->wait_for_line("configuration is good again"), "");
  EXPECT_EQ(get(*agent, "/readyz").status, 200);
  deploy(R"({"ports": [{"select": {}, "vfs": "max"}], "classes": [{"name": "vf", "max": 3}]})");
  EXPECT_TRUE(kubelet_.wait_healthy(kVf, 3));
}

TEST_F(AgentConfiguration, ABadConfigurationTakesNoDevicesFromANodeThatStartsAgain) {
  deploy(kOneClass);
  {
    const auto agent = start();
    ASSERT_TRUE(kubelet_.wait_healthy(kVf, 4));
    agent->send(SIGTERM);
    EXPECT_EQ(agent->wait_for_end(), 0);
  }
  deploy(R"({"ports": [], "classes": [{"name": "vf", "flor": "1G"}]})");
  const auto agent = start();
  EXPECT_TRUE(kubelet_.wait_healthy(kVf, 4));
  EXPECT_NE(agent->wait_for_line("the last good one stays in force"), "");
  EXPECT_THAT(get(*agent, "/metrics").body,
              HasSubstr(R"(sluice_config_loads_total{result="good"} 0)"));
}

TEST_F(AgentConfiguration, D15_WhatAPortCannotCarryIsNotAdvertised) {
  deploy(R"({"ports": [{"select": {}, "vfs": "max"}],
             "classes": [{"name": "gold", "floor": "40G"}, {"name": "silver", "floor": "30G"}]})");
  const auto agent = start();
  ASSERT_TRUE(kubelet_.wait_healthy("sluice.dev/gold", 1));
  ASSERT_TRUE(kubelet_.wait_healthy("sluice.dev/silver", 2));
  EXPECT_EQ(kubelet_.resource("sluice.dev/gold").devices.size(), 1U);
  EXPECT_EQ(kubelet_.resource("sluice.dev/silver").devices.size(), 2U);
  EXPECT_THAT(offers(), SizeIs(3));
}
}  // namespace
}  // namespace sluice
