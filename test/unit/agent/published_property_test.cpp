// What nodes publish, against what they have promised: whatever holds their VFs.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "pkg/ledger/promises.h"
#include "pkg/placement/packing.h"
#include "test/unit/agent/published_world.h"

namespace sluice {
namespace {

/// Gives the VFs of a port to front ends, pods and others, anyhow.
class PublishedNodeProperty : public PublishedWorld {
 protected:
  BitRate floor() { return BitRate::gbps(random_() % 12); }

  void give(int index) {
    switch (random_() % 8) {
      case 0: return offer(index, floor());
      case 1: grant(Grant::Kind::claim, index, floor()); return;
      case 2: grant(Grant::Kind::pod, index, floor()); return;
      case 3: grant(Grant::Kind::pod, index, floor()).follows_placement = false; return;
      case 4: lane(index, floor(), fmt::format("pod-{}", random_() % 8)); return;
      case 5: lane(index, floor(), ""); return;
      default: count(free_, port().vfs.at(index).state == VfState::vfio, index >= 4 ? 1 : 0);
    }
  }

  static void count(VfSorts& vfs, bool is_vfio, int more) {
    (is_vfio ? vfs.vfio : vfs.link) += more;
  }

  bool is_vfio(const std::string& address) {
    return std::ranges::any_of(port().vfs, [&](const Vf& vf) {
      return vf.address.to_string() == address && vf.state == VfState::vfio;
    });
  }

  void start_over() {
    aside_ = {};
    node_.after.at(0).lanes.clear();
    free_ = {};
    for (int index = 0; index < 8; ++index) {
      port().vfs.at(index).state = random_() % 3 == 0 ? VfState::vfio : VfState::ready;
      give(index);
    }
  }

  BitRate promised() const {
    const PromisedPort port{
        .port = kPort, .capability = capability_of("mlx5_core"), .lanes = node_.after.at(0).lanes};
    return sum_of(promises_on(port, aside_));
  }

  /// As the scheduler counts the node's pods: by their entry in `held`, else by their placement.
  std::vector<HeldLane> counted(const NodeLanes& node) {
    std::vector<HeldLane> lanes;
    std::set<std::string> held;
    for (const HeldPod& pod : node.held) {
      held.insert(pod.uid);
      lanes.insert(lanes.end(), pod.lanes.begin(), pod.lanes.end());
    }
    for (const Grant& grant : aside_.grants) {
      if (grant.kind != Grant::Kind::pod || held.contains(grant.pod_uid)) continue;
      for (const GrantedVf& vf : grant.vfs) {
        if (!grant.follows_placement) continue;
        lanes.push_back({.port = vf.port, .rate = vf.rate, .vfio = is_vfio(vf.vf)});
      }
    }
    return lanes;
  }

  std::mt19937 random_{20261130};
  VfSorts free_;  ///< VFs of the pods' share that are.
};

TEST_F(PublishedNodeProperty, WhatTheSchedulerMayStillPlaceFitsThePort) {
  int fitting = 0;
  for (int i = 0; i < 3'000; ++i) {
    start_over();
    if (promised() > BitRate::gbps(90)) continue;
    ++fitting;
    const NodeLanes node = published();
    BitRate placed;
    const PublishedShare& pods = node.ports[0].pods;
    VfSorts left{.link = pods.vfs - pods.vfio_vfs, .vfio = pods.vfio_vfs};
    for (const HeldLane& lane : counted(node)) {
      placed += lane.rate.floor;
      count(left, lane.vfio, -1);
    }
    ASSERT_LE(promised() + (pods.bandwidth - placed), BitRate::gbps(90)) << i;
    // A pod may hold VFs of other shares, too, which the scheduler counts and nothing gives.
    ASSERT_TRUE(left.fits(free_)) << i;
  }
  EXPECT_GT(fitting, 500);
}

}  // namespace
}  // namespace sluice
