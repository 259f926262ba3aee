// What the repair loop tells: log, metrics and an event on the node.
#include "agent/repair/lane_repairer.h"

#include <sstream>

#include "agent/cluster.h"
#include "pkg/fs/event_fd.h"
#include "test/fake/fake_api_server.h"
#include "test/support/kubeconfig.h"
#include "test/unit/lane/node_fixture.h"

namespace sluice {
namespace {

using testing::HasSubstr;

class LaneRepairerTest : public NodeTest {
 protected:
  LaneRepairerTest() : wake_(*EventFd::open()) {
    api_.put("/api/v1/nodes/n", {{"metadata", {{"name", "n"}}}});
    dir.write("kubeconfig", kubeconfig_of(api_.url()));
  }

  void give(int index) {
    LaneRequest wanted = request(index);
    wanted.owner.pod = "ml/trainer";
    wanted.ceiling = BitRate::gbps(2);
    ASSERT_THAT(attach(wanted), IsOk());
  }

  std::string metrics() const { return metrics_.text(); }

  std::stringstream said_;
  LogOutput output_{LogLevel::info, LogFormat::text, said_};
  Log log_{output_, "repair"};
  NoKubernetes no_kubernetes_;
  Metrics metrics_;
  EventFd wake_;
  FakeApiServer api_;
};

TEST_F(LaneRepairerTest, K7_ADriftIsPutRightLoggedAndCounted) {
  give(0);
  LaneRepairer repairer({*lanes, *ledger, LeaseStore(dir / "lib"), metrics_},
                        Announcer(log_, no_kubernetes_));
  repairer.step();
  EXPECT_THAT(metrics(), testing::Not(HasSubstr("sluice_drift_total")));

  kernel->node().vf("eth0", 0).info.rate = Rate{.floor = {}, .ceiling = BitRate::mbps(1)};
  kernel->node().vf("eth0", 0).info.trust = true;
  repairer.step();
  EXPECT_EQ(rate(0).ceiling, BitRate::gbps(2));
  EXPECT_EQ(kernel->node().vf("eth0", 0).info.trust, false);
  EXPECT_THAT(metrics(), HasSubstr(R"(sluice_drift_total{kind="rate",port="0000:3b:00.0"} 1)"));
  EXPECT_THAT(metrics(), HasSubstr(R"(sluice_drift_total{kind="trust",port="0000:3b:00.0"} 1)"));
  EXPECT_THAT(metrics(), HasSubstr(R"(sluice_repairs_total{port="0000:3b:00.0",result="done"} 2)"));
  EXPECT_THAT(said_.str(), HasSubstr("VF 0: trust off written, on found"));
}

TEST_F(LaneRepairerTest, WhatAReleaseHadToLeaveIsSaidAndWrittenWhenThePortTakesIt) {
  plug("igb", "1000", {.floors = false, .needs_carrier = true});
  LaneRequest wanted = request(0);
  wanted.ceiling = BitRate::mbps(100);
  ASSERT_THAT(attach(wanted), IsOk());
  kernel->node().find("eth0")->link.carrier = false;
  ASSERT_THAT(detach(), IsOk());
  LaneRepairer repairer({*lanes, *ledger, LeaseStore(dir / "lib"), metrics_},
                        Announcer(log_, no_kubernetes_));
  repairer.step();
  EXPECT_THAT(said_.str(), HasSubstr("VF 0000:3b:02.0: rate"));

  kernel->node().find("eth0")->link.carrier = true;
  restart();
  LaneRepairer later({*lanes, *ledger, LeaseStore(dir / "lib"), metrics_},
                     Announcer(log_, no_kubernetes_));
  later.step();
  EXPECT_EQ(rate(0), Rate());
  EXPECT_TRUE(ledger->ports()->empty());
}

TEST_F(LaneRepairerTest, ARepairThatFailsIsSaidAndTriedAgain) {
  give(0);
  LaneRepairer repairer({*lanes, *ledger, LeaseStore(dir / "lib"), metrics_},
                        Announcer(log_, no_kubernetes_));
  kernel->node().vf("eth0", 0).info.trust = true;
  kernel->log().fail_on("trust", Error::from_errno(EIO, "set"));
  repairer.step();
  EXPECT_THAT(said_.str(), HasSubstr("could not repair what=\"trust of 0000:3b"));
  EXPECT_THAT(metrics(),
              HasSubstr(R"(sluice_repairs_total{port="0000:3b:00.0",result="failed"} 1)"));
  repairer.step();
  EXPECT_EQ(kernel->node().vf("eth0", 0).info.trust, false);
  EXPECT_THAT(said_.str(), HasSubstr("works again"));
}

TEST_F(LaneRepairerTest, K7_ARateThatCannotBeWrittenIsKeptWithBothNumbersUntilItIs) {
  give(0);
  LaneRepairer repairer({*lanes, *ledger, LeaseStore(dir / "lib"), metrics_},
                        Announcer(log_, no_kubernetes_));
  repairer.step();
  EXPECT_FALSE(repairer.has_news());

  kernel->node().vf("eth0", 0).info.rate = Rate{.floor = {}, .ceiling = BitRate::mbps(1)};
  for (int i = 0; i < 2; ++i) kernel->log().fail_on("rate", Error::from_errno(EIO, "set"));
  repairer.step();
  EXPECT_TRUE(repairer.has_news());
  const std::vector<LaneRepair> unrepaired = repairer.unrepaired();
  ASSERT_EQ(unrepaired.size(), 1U);
  EXPECT_EQ(unrepaired[0].what, "rate");
  EXPECT_THAT(unrepaired[0].drift, HasSubstr("2 Gbit/s"));
  EXPECT_THAT(unrepaired[0].drift, HasSubstr("1 Mbit/s"));
  repairer.step();
  EXPECT_FALSE(repairer.has_news());  // The same as before.

  kernel->log().forget_faults();
  repairer.step();
  EXPECT_TRUE(repairer.has_news());
  EXPECT_TRUE(repairer.unrepaired().empty());
  EXPECT_FALSE(repairer.has_news());
}

TEST_F(LaneRepairerTest, APortThatCarriesLessThanItPromisedIsSaidOnceWithBothNumbers) {
  const std::string wire = SysfsTree::device(kPort) + "/net/eth0";
  tree->write(wire + "/carrier_changes", "1");
  LaneRequest wanted = request(0);
  wanted.floor = BitRate::gbps(40);
  ASSERT_THAT(attach(wanted), IsOk());
  LaneRepairer repairer({*lanes, *ledger, LeaseStore(dir / "lib"), metrics_},
                        Announcer(log_, no_kubernetes_));
  repairer.step();
  EXPECT_EQ(said_.str(), "");

  tree->write(wire + "/speed", "25000").write(wire + "/carrier_changes", "3");
  repairer.step();
  EXPECT_EQ(rate(0).floor, BitRate::gbps(25));
  EXPECT_THAT(said_.str(), HasSubstr("is 25 Gbit/s, it was 100 Gbit/s"));
  EXPECT_THAT(said_.str(), HasSubstr("40 Gbit/s are promised, its line rate is 25 Gbit/s"));
  EXPECT_THAT(metrics(),
              HasSubstr(R"(sluice_port_short_bytes_per_second{port="0000:3b:00.0"} 1875000000)"));
  EXPECT_THAT(metrics(), HasSubstr(R"(sluice_line_rate_changes_total{port="0000:3b:00.0"} 1)"));
  said_.str("");
  repairer.step();
  EXPECT_EQ(said_.str(), "");

  tree->write(wire + "/speed", "100000").write(wire + "/carrier_changes", "5");
  repairer.step();
  EXPECT_EQ(rate(0).floor, BitRate::gbps(40));
  EXPECT_THAT(said_.str(), HasSubstr("carries its promises again"));
  EXPECT_THAT(metrics(), HasSubstr(R"(sluice_port_short_bytes_per_second{port="0000:3b:00.0"} 0)"));
}

TEST_F(LaneRepairerTest, ALaneIsLeftToWhoIsAtItUnlessItIsHalfDoneTwice) {
  give(0);
  const auto put = [&](Phase phase) {
    ASSERT_OK_AND_ASSIGN(LockedPort locked, ledger->lock(kPort, std::chrono::milliseconds(0)));
    locked.record().lanes.at(0).phase = phase;
    ASSERT_THAT(locked.save(), IsOk());
  };
  LaneRepairer repairer({*lanes, *ledger, LeaseStore(dir / "lib"), metrics_},
                        Announcer(log_, no_kubernetes_));
  put(Phase::reserved);
  repairer.step();
  put(Phase::attached);
  repairer.step();
  EXPECT_EQ(recorded(), 1U);

  put(Phase::releasing);
  repairer.notice();
  repairer.step();
  EXPECT_EQ(recorded(), 1U);
  repairer.step();
  EXPECT_EQ(recorded(), 0U);
  expect_baseline(0);
}

TEST_F(LaneRepairerTest, K7_NodeAndPodGetAnEventWithTheValues) {
  give(0);
  ASSERT_OK_AND_ASSIGN(
      const auto cluster,
      Cluster::connect(
          {.node = "n", .kubeconfig = dir / "kubeconfig", .pod_resources_socket = {}, .stop = {}},
          wake_, log_, metrics_));
  LaneRepairer repairer({*lanes, *ledger, LeaseStore(dir / "lib"), metrics_},
                        Announcer(log_, *cluster));
  // An event needs the node's identity, which the watch brings.
  const auto is_event = [](const FakeApiServer::Request& request) {
    return request.method == "POST" && request.path.ends_with("/events");
  };
  ASSERT_TRUE(api_.wait_for_watches(1));
  kernel->node().vf("eth0", 0).info.vlan = VlanTag{.id = 7};
  repairer.step();
  ASSERT_TRUE(api_.wait_for(2, is_event));
  std::vector<std::string> told;
  for (const auto& request : api_.requests()) {
    if (!is_event(request)) continue;
    EXPECT_THAT(request.body, HasSubstr("LaneRepaired"));
    EXPECT_THAT(request.body, HasSubstr("VF 0: vlan 0 qos 0 written, 7 qos 0 found"));
    told.push_back(request.path);
  }
  EXPECT_THAT(told, testing::UnorderedElementsAre(HasSubstr("/namespaces/default/"),
                                                  HasSubstr("/namespaces/ml/")));
}

}  // namespace
}  // namespace sluice
