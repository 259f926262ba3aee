#include "pkg/node_lanes/node_lanes.h"

namespace sluice {

std::vector<NodePort> ports_for_pods(const NodeLanes& node) {
  std::vector<NodePort> ports;
  ports.reserve(node.ports.size());
  for (const PublishedPort& port : node.ports) {
    if (!port.trouble.empty() || port.pods.vfs == 0) continue;
    ports.push_back({.name = port.name,
                     .link = port.link,
                     .medium = port.medium,
                     .numa_node = port.numa_node,
                     .driver = port.driver,
                     .line_rate = port.line_rate,
                     .usable = port.pods.bandwidth,
                     .promised = {},
                     .free_vfs = port.pods.vfs - port.pods.vfio_vfs,
                     .free_vfio_vfs = port.pods.vfio_vfs,
                     .networks = port.pods.networks});
  }
  return ports;
}

}  // namespace sluice
