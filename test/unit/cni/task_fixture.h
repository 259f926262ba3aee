#pragma once

#include <string>
#include <vector>

#include "cni/verbs/commands.h"
#include "test/support/test_ipam.h"
#include "test/unit/cni/failure_matchers.h"
#include "test/unit/lane/node_fixture.h"

namespace sluice::cni {

/// The verbs on a node in memory.
class TaskTest : public NodeTest {
 protected:
  /// The attachment c1/net1 of VF 0 in pod p1, unless a test changes it.
  TaskTest() {
    environment = {.container_id = "c1", .netns = "/run/netns/p1", .ifname = "net1"};
    conf.version = "1.1.0";
    conf.name = "rdma-net";
    conf.device = vf(0);
    conf.lane = request(0);
  }

  template <typename Verb>
  auto perform(Verb verb, const Ipam::Settings& settings = {}) {
    const Ipam delegate(settings);
    const Leases leases(dir / "lib", settings);
    const DeviceInfoFiles device_info(dir / "run");
    const Log log = Log::open("panic", "");
    PodLanesClient agent({.path = dir / "run/agent.sock", .timeout = {}});
    return verb(Task{environment, conf, *kernel, *lanes, delegate, leases, device_info, *aside,
                     agent, log});
  }

  std::vector<IpPrefix> addresses_of_net1() {
    return kernel->node().addresses(netns("p1"))->links[in_pod("net1")->link.index].addresses;
  }

  Environment environment;
  NetConf conf;
};

}  // namespace sluice::cni
