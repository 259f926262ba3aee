#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/support/result_matchers.h"
#include "test/unit/scheduler/scheduler_world.h"

namespace sluice {

/// A view of one node "n" with a port of 100 Gbit/s and 8 VFs.
class Books : public testing::Test {
 protected:
  Books() {
    add_node("n", {pods_port(0, 100)});
    for (const Listed what : {Listed::nodes, Listed::node_lanes, Listed::pods}) {
      view.begin(what);
      if (what == Listed::nodes) view.set_node("n");
      if (what == Listed::node_lanes) view.set_node_lanes("n", lanes_of("n", {pods_port(0, 100)}));
      view.end(what);
    }
  }

  void add_node(const std::string& name, std::vector<PublishedPort> ports) {
    view.set_node(name);
    view.set_node_lanes(name, lanes_of(name, std::move(ports)));
  }

  Result<PodPlacement> assume(const std::string& pod, std::uint64_t gbps,
                              const std::string& node = "n") {
    const AskedPod asked = asked_pod(pod_facts(pod, {fmt::format("{}G", gbps)}));
    return view.assume(asked.facts, node, *asked.ask);
  }

  std::string free(std::string_view node = "n") { return free_of(view, node); }

  ClusterView view;
};

}  // namespace sluice
