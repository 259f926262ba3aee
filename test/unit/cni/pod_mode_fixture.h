#pragma once

#include <unistd.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pkg/podlanes/server.h"
#include "test/fake/fake_pod_lanes.h"
#include "test/unit/cni/task_fixture.h"

namespace sluice::cni {

/// A pod "default/web-0" on a node whose VFs are all offered, with an agent that answers what
/// give() says. Its own interface is eth0.
class PodModeTest : public TaskTest {
 protected:
  PodModeTest() {
    environment.ifname = "eth0";
    environment.args = {.pod_name = "web-0", .pod_namespace = "default", .pod_uid = "5f0c"};
    conf.device.clear();
    conf.lane = request(0, "c1", "eth0");
    conf.lane.owner.pod_uid = environment.args.pod_uid;
    conf.lane.made_of = {};
    conf.prev_result =
        AddResult{.interfaces = {{.name = "eth0", .sandbox = "/run/netns/p1"}},
                  .ips = {{.interface = 0, .address = *IpPrefix::parse("10.0.0.1/8")}}};
    offer_all();
    serve();
  }

  void offer_all() {
    std::vector<Offer> all;
    all.reserve(4);
    for (int i = 0; i < 4; ++i) {
      all.push_back({.vf = vf(i),
                     .port = kPort,
                     .class_name = "gold",
                     .rate = {.floor = BitRate::gbps(1), .ceiling = BitRate::gbps(2)}});
    }
    ASSERT_THAT(aside->offers.save(all), IsOk());
  }

  void serve() {
    auto started =
        PodLanesServer::start({.path = dir / "run/agent.sock", .peer = ::geteuid()}, pods);
    ASSERT_THAT(started, IsOk());
    server = std::move(*started);
  }

  static PodLane gold(int index, const std::string& ifname = {}) {
    return {.vf = SysfsTree::vf(kPort, index), .class_name = "gold", .ifname = ifname};
  }

  void give(std::vector<PodLane> given) { pods.give("default/web-0", std::move(given)); }

  void expect_no_lane() {
    for (int i = 0; i < 4; ++i) {
      if (kernel->node().find("eth0v" + std::to_string(i)) == nullptr) ADD_FAILURE() << i;
    }
    EXPECT_EQ(recorded(), 0U);
    EXPECT_EQ(in_pod("net1"), nullptr);
  }

  FakePodLanes pods;
  std::unique_ptr<PodLanesServer> server;
};

}  // namespace sluice::cni
