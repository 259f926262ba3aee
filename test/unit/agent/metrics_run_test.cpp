// What Prometheus sees of the agent as it runs on a node.
#include <unistd.h>

#include <cstdlib>

#include "pkg/ledger/ledger.h"
#include "pkg/netlink/netns.h"
#include "pkg/podlanes/client.h"
#include "test/unit/agent/agent_world.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kVf = "sluice.dev/vf";
constexpr const char* kOneClass =
    R"({"ports": [{"select": {}, "vfs": "max"}], "classes": [{"name": "vf", "floor": "10G"}]})";

class AgentMetrics : public AgentWorld {
 protected:
  void SetUp() override {
    deploy(kOneClass);
    agent_ = start();
    ASSERT_TRUE(kubelet_.wait_healthy(kVf, 4));
    // The lists are sent before the step's metrics are set.
    ASSERT_TRUE(wait_for("sluice_offers{"));
  }

  std::string text() { return get(*agent_, "/metrics").body; }

  bool wait_for(const std::string& part) { return wait_for_metric(*agent_, part); }

  /// A lane whose namespace is that of this process, so that nothing takes it for left behind.
  void record(const std::string& port, LaneRecord lane) const {
    const std::string netns = fmt::format("/proc/{}/ns/net", ::getpid());
    lane.owner.netns = netns;
    if (const auto own = NetNs::open(netns); own && *own) {
      lane.owner.netns_cookie = (*own)->cookie();
    }
    auto locked = *Ledger::open(dir_ / "run", *this_boot())->lock(port, std::chrono::seconds(5));
    locked.record().lanes.push_back(std::move(lane));
    ASSERT_THAT(locked.save(), IsOk());
  }

  static LaneRecord soft_lane(const std::string& pod, const Rate& in_force) {
    LaneRecord lane{.id = "soft-1", .provider = "soft", .phase = Phase::attached};
    lane.owner.pod = pod;
    lane.asked = {.floor = BitRate::mbps(300), .ceiling = BitRate::mbps(600)};
    lane.in_force = in_force;
    return lane;
  }

  std::unique_ptr<ChildProcess> agent_;
};

TEST_F(AgentMetrics, TheConfigurationOfTheStartCounts) {
  EXPECT_THAT(text(), HasSubstr(R"(sluice_config_loads_total{result="good"} 1)"));
  EXPECT_THAT(text(), HasSubstr("\nsluice_config_loaded_timestamp_seconds "));
}

TEST_F(AgentMetrics, WhatHasNotHappenedYetIsZero) {
  for (const char* const series : {
           R"(sluice_config_loads_total{result="bad"})",
           R"(sluice_resolutions_total{result="failed"})",
           R"(sluice_offer_moves_total{result="withdrawn"})",
           R"(sluice_step_failures_total{worker="repair"})",
           R"(sluice_api_failures_total{reason="event"})",
           R"(sluice_claim_status_writes_total{result="refused"})",
           R"(sluice_orphans_total{kind="namespace"})",
           R"(sluice_allocations_total{class="vf",result="granted"})",
           R"(sluice_registrations_total{class="vf",result="failed"})",
           R"(sluice_drift_total{kind="rate",port="0000:3b:00.0"})",
           R"(sluice_repairs_total{port="0000:3b:00.0",result="failed"})",
           R"(sluice_lanes_lost_total{port="0000:3b:00.0"})",
           R"(sluice_line_rate_changes_total{port="0000:3b:00.0"})",
           R"(sluice_vfs_made_total{port="0000:3b:00.0",result="done"})",
           R"(sluice_vfs_rebound_total{port="0000:3b:00.0",result="done"})",
           "sluice_events_dropped_total",
       }) {
    EXPECT_TRUE(wait_for(fmt::format("\n{} 0\n", series))) << series;
  }
}

TEST_F(AgentMetrics, SayHowLongTheCniPluginWaits) {
  ASSERT_THAT(kubelet_.admit("ns/pod", kVf, 1), IsOk());
  PodLanesClient client({.path = dir_ / "run/agent.sock"});
  ASSERT_THAT(client.lanes_of({.name_space = "ns", .name = "pod"}), IsOk());
  EXPECT_TRUE(wait_for("sluice_resolve_seconds_count 1\n"));
}

TEST_F(AgentMetrics, ShowWhatALaneIsPromisedAllowedAndHas) {
  record("up0", soft_lane("ml/train", {.ceiling = BitRate::mbps(400)}));
  record("up1", soft_lane("", {.floor = BitRate::mbps(300), .ceiling = BitRate::mbps(600)}));
  const std::string first = R"({lane="soft-1",namespace="ml",pod="train",port="up0"} )";
  const std::string other = R"({lane="soft-1",namespace="",pod="",port="up1"} )";

  ASSERT_TRUE(wait_for("sluice_lane_floor_bytes_per_second" + other + "37500000\n")) << text();
  const std::string now = text();
  EXPECT_THAT(now, HasSubstr("sluice_lane_floor_bytes_per_second" + first + "37500000\n"));
  EXPECT_THAT(now, HasSubstr("sluice_lane_ceiling_bytes_per_second" + first + "75000000\n"));
  EXPECT_THAT(now, HasSubstr("sluice_lane_floor_in_force_bytes_per_second" + first + "0\n"));
  EXPECT_THAT(now,
              HasSubstr("sluice_lane_ceiling_in_force_bytes_per_second" + first + "50000000\n"));
  EXPECT_THAT(now, HasSubstr("sluice_lane_floor_in_force_bytes_per_second" + other + "37500000\n"));
}

TEST_F(AgentMetrics, ALaneWithoutCeilingShowsNone) {
  LaneRecord lane = soft_lane("ml/train", {.floor = BitRate::mbps(300)});
  lane.asked.ceiling = {};
  record("up0", lane);

  ASSERT_TRUE(wait_for("sluice_lane_floor_bytes_per_second{"));
  EXPECT_THAT(text(), Not(HasSubstr("sluice_lane_ceiling_bytes_per_second{")));
  EXPECT_THAT(text(), Not(HasSubstr("sluice_lane_ceiling_in_force_bytes_per_second{")));
}

TEST_F(AgentMetrics, PromtoolHasNoRemark) {
  if (std::system("command -v promtool >/dev/null") != 0) {  // NOLINT(concurrency-mt-unsafe)
    GTEST_SKIP() << "no promtool here; .ci/install-deps gets it";
  }
  record("up0", soft_lane("ml/train", {.ceiling = BitRate::mbps(400)}));
  ASSERT_TRUE(wait_for("lane=\"soft-1\""));
  dir_.write("metrics", text());

  ChildProcess promtool({"/bin/sh", "-c", "promtool check metrics <" + dir_ / "metrics"});

  EXPECT_EQ(promtool.wait_for_end(), 0);
  EXPECT_EQ(promtool.said(), "");
}

}  // namespace
}  // namespace sluice
