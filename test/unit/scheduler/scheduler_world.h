#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "pkg/annotations/placement_annotation.h"
#include "pkg/node_lanes/node_lanes.h"
#include "scheduler/asked_pod.h"
#include "scheduler/cluster_view.h"

namespace sluice {

/// A port "ens<number>" all of which is for pods.
inline PublishedPort pods_port(int number, std::uint64_t gbps, int vfs = 8) {
  return {.name = fmt::format("0000:{:02x}:00.0", 0x10 + number),
          .link = fmt::format("ens{}", number),
          .medium = Medium::ethernet,
          .numa_node = {},
          .driver = "mlx5_core",
          .line_rate = BitRate::gbps(gbps),
          .usable = BitRate::gbps(gbps),
          .vfs = vfs,
          .floor_enforcement = "weight",
          .ceiling_enforcement = "hardware",
          .trouble = {},
          .classes = {},
          .claims = {},
          .pods = {.vfs = vfs, .bandwidth = BitRate::gbps(gbps)}};
}

inline NodeLanes lanes_of(const std::string& node, std::vector<PublishedPort> ports) {
  return {.node = node, .uid = {}, .domain = "sluice.dev", .ports = std::move(ports)};
}

/// The NodeLanes object.
inline nlohmann::json object_of(const NodeLanes& lanes) {
  return {{"apiVersion", std::string(kNodeLanesApiVersion)},
          {"kind", std::string(kNodeLanesKind)},
          {"metadata", {{"name", lanes.node}}},
          {"status", encode_status(lanes)}};
}

/// The value of sluice.dev/lanes for lanes with these floors.
inline std::string annotation_of(const std::vector<std::string>& floors) {
  nlohmann::json lanes = nlohmann::json::array();
  for (const std::string& floor : floors) lanes.push_back({{"floor", floor}});
  return lanes.dump();
}

/// A pod of namespace "ns" that asks for lanes with these floors, as far as the API tells.
inline nlohmann::json pod_object(const std::string& name, const std::vector<std::string>& floors) {
  nlohmann::json pod = {{"metadata", {{"name", name}, {"namespace", "ns"}, {"uid", "uid-" + name}}},
                        {"spec", {{"containers", {{{"name", "c"}}}}}}};
  if (!floors.empty()) {
    pod["metadata"]["annotations"] = {{std::string(kLanesAnnotation), annotation_of(floors)}};
  }
  return pod;
}

inline PodFacts pod_facts(const std::string& name, const std::vector<std::string>& floors) {
  return facts_of(pod_object(name, floors), "sluice.dev");
}

/// The same pod, bound to the node with a lane of this floor on the port of that number.
inline PodFacts bound_pod(const std::string& name, const std::string& node, std::uint64_t gbps,
                          int port = 0) {
  PodFacts facts = pod_facts(name, {fmt::format("{}G", gbps)});
  facts.node = node;
  facts.annotations.emplace(
      kPlacementAnnotation,
      encode_placement({{.port = pods_port(port, 0).name,
                         .rate = {.floor = BitRate::gbps(gbps), .ceiling = {}}}}));
  return facts;
}

/// What the node has free, by port: "40/3" for 40 Gbit/s and 3 VFs, "40/3+1" where one more is
/// bound to vfio-pci; "-" for no such node, else the refusal.
inline std::string free_of(ClusterView& view, std::string_view node) {
  const auto state = view.state(node);
  if (state == nullptr) return "-";
  if (!state->refusal.empty()) return state->refusal;
  std::string text;
  for (const NodePort& port : state->ports) {
    text += fmt::format("{}{}/{}", text.empty() ? "" : " ",
                        (port.usable - port.promised).as_bits_per_second() / 1'000'000'000,
                        *port.free_vfs);
    if (port.free_vfio_vfs != 0) text += fmt::format("+{}", port.free_vfio_vfs);
  }
  return text;
}

}  // namespace sluice
