#pragma once

#include "pkg/node_lanes/node_lanes.h"

namespace sluice {

/// A port "ens<number>" of 100 Gbit/s with 16 VFs, split between classes and pods.
inline PublishedPort published_port(int number) {
  return {.name = fmt::format("0000:{:02x}:00.0", 0x10 + number),
          .link = fmt::format("ens{}", number),
          .medium = Medium::ethernet,
          .numa_node = number,
          .driver = "mlx5_core",
          .line_rate = BitRate::gbps(100),
          .usable = BitRate::gbps(95),
          .vfs = 16,
          .floor_enforcement = "weight",
          .ceiling_enforcement = "hardware",
          .trouble = {},
          .classes = {.vfs = 4, .bandwidth = BitRate::gbps(45)},
          .claims = {},
          .pods = {.vfs = 12, .bandwidth = BitRate::gbps(50)}};
}

/// A node with a good port, one in trouble, and one of everything else.
inline NodeLanes node_lanes() {
  NodeLanes node{.node = "node-a",
                 .uid = "6a1c3f5e-0000-4000-8000-000000000001",
                 .domain = "sluice.dev",
                 .ports = {published_port(0), published_port(1)}};
  node.ports[0].pods.vfio_vfs = 5;
  node.ports[0].pods.networks = {"storage", "front"};
  PublishedPort& broken = node.ports[1];
  broken.link.clear();
  broken.medium = Medium::infiniband;
  broken.numa_node.reset();
  broken.line_rate = {};
  broken.trouble = "port 0000:11:00.0 has no link";
  node.classes = {{.name = "gold",
                   .rate = {.floor = BitRate::gbps(10), .ceiling = BitRate::gbps(20)},
                   .offered = 4},
                  {.name = "scavenger", .rate = {}, .offered = 0}};
  node.held = {
      {.uid = "6a1c3f5e-0000-4000-8000-000000000002",
       .name_space = "team-a",
       .name = "train-0",
       .lanes = {{.port = "0000:10:00.0", .rate = {.floor = BitRate::mbps(2500), .ceiling = {}}},
                 {.port = "0000:11:00.0", .rate = {}, .vfio = true}}}};
  node.wishes = {{.class_name = "gold", .lanes = 3}};
  return node;
}

}  // namespace sluice
