#pragma once

#include <string>
#include <utility>

#include "dra/status/device_status.h"

namespace sluice::dra {

/// A granted VF with its lane, attached, and its port; to be changed by tests.
struct LaneWorld {
  LaneWorld() {
    granted.vf = "0000:3b:02.0";
    granted.port = "0000:3b:00.0";
    granted.request = "vf0";
    granted.rate = rate;
    lane.id = granted.vf;
    lane.phase = Phase::attached;
    lane.owner = {.ifname = "net1", .netns = "/run/netns/pod", .pod_uid = "pod-1"};
    lane.asked = rate;
    lane.in_force = rate;
    lane.home = {.name = "eth0v0", .mac = MacAddress({0x60, 0, 0, 0, 0, 0xe1}), .mtu = 1500};
    lane.link_index = 7;
    port.port = granted.port;
    port.driver = "bnxt_en";
    port.line_rate = BitRate::gbps(100);
  }

  LaneView view() const {
    return {.granted = granted,
            .port = &port,
            .lane = &lane,
            .rdma_device = "mlx5_4",
            .addresses = {"10.1.0.2/24", "fd00::2/64"},
            .rate_drift = rate_drift,
            .settings_drift = settings_drift};
  }

  DeviceStatus status() const { return device_status(view()); }

  Rate rate{.floor = BitRate::gbps(25), .ceiling = BitRate::gbps(40)};
  GrantedVf granted;
  LaneRecord lane;
  PortRecord port;
  std::string rate_drift;
  std::string settings_drift;
};

/// What a claim with the lane, or with no lane yet, is to say.
inline DeviceStatus attached(std::string request = "vf0") {
  LaneWorld world;
  world.granted.request = std::move(request);
  return world.status();
}

inline DeviceStatus prepared(std::string request = "vf0") {
  LaneWorld world;
  world.granted.request = std::move(request);
  LaneView view = world.view();
  view.lane = nullptr;
  return device_status(view);
}

}  // namespace sluice::dra
