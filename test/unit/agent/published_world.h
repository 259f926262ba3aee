#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "agent/published/published_node.h"
#include "pkg/inventory/scan.h"
#include "test/support/sysfs_tree.h"

namespace sluice {

/// A node with one port of 100 Gbit/s: VFs 0 to 3 and 40 Gbit/s are for classes, VFs 4 to 7 and 50
/// Gbit/s for annotated pods; the rest is kept back.
class PublishedWorld : public testing::Test {
 protected:
  static constexpr const char* kPort = "0000:3b:00.0";
  static constexpr const char* kUid = "6a1c3f5e-0000-4000-8000-00000000000a";

  PublishedWorld() {
    tree_.pf(kPort, {.vfs = 8});
    node_.inventory.ports = {
        scan_port(tree_.root(), PciAddress::parse(kPort).value()).value().value()};
    configure(R"({"classes": {"vfs": 4, "bandwidth": "40G"}, "pods": {"bandwidth": "50G"}})");
    node_.after = {{.port = kPort, .driver = "mlx5_core"}};
  }

  static std::string vf(int index) { return SysfsTree::vf(kPort, index).to_string(); }

  void configure(const std::string& shares, const std::string& networks = "[]") {
    const ParsedConfig parsed =
        parse_config(R"({"ports": [{"select": {}, "vfs": 8, "shares": )" + shares +
                     R"(}], "classes": [{"name": "gold", "floor": "10G", "ceiling": "20G"},
                                        {"name": "any"}], "networks": )" +
                     networks + "}");
    ASSERT_EQ(to_string(parsed.problems), "");
    node_.config = std::make_shared<const Config>(parsed.config);
  }

  Port& port() { return node_.inventory.ports.at(0); }

  void offer(int index, BitRate floor, OfferState state = OfferState::offered) {
    aside_.offers.push_back({.vf = vf(index),
                             .port = kPort,
                             .class_name = "gold",
                             .rate = {floor, {}},
                             .state = state});
  }

  Grant& grant(Grant::Kind kind, int index, BitRate floor) {
    Grant made{.uid = "grant-" + std::to_string(index),
               .kind = kind,
               .name = "ml/pod-" + std::to_string(index),
               .pod_uid = "pod-" + std::to_string(index),
               .follows_placement = true,
               .vfs = {}};
    made.vfs.push_back({.vf = vf(index), .port = kPort, .rate = {floor, {}}});
    return aside_.grants.emplace_back(std::move(made));
  }

  LaneRecord& lane(int index, BitRate floor, const std::string& pod_uid) {
    LaneRecord lane;
    lane.id = vf(index);
    lane.phase = Phase::attached;
    lane.asked.floor = floor;
    lane.owner.pod_uid = pod_uid;
    if (!pod_uid.empty()) lane.owner.pod = "ml/of-" + pod_uid;
    return node_.after.at(0).lanes.emplace_back(std::move(lane));
  }

  NodeLanes published() const {
    return published_node(node_, aside_, {.name = "node-a", .uid = kUid});
  }

  SysfsTree tree_;
  NodeState node_;
  SetAside aside_;
};

}  // namespace sluice
