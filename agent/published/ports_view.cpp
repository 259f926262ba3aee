#include "agent/published/ports_view.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "agent/grants/port_share.h"
#include "agent/published/port_promises.h"
#include "agent/published/published_node.h"
#include "pkg/base/quantity.h"
#include "pkg/placement/node_ports_json.h"

namespace sluice {
namespace {

using nlohmann::json;

void put(json& object, const char* key, const std::string& text) {
  if (!text.empty()) object[key] = text;
}

json encode(const std::string& vf, const VfPromise& promise) {
  json encoded = {{"vf", vf}, {"promised", to_quantity(promise.cost)}};
  if (!promise.rate.floor.is_zero()) encoded["floor"] = to_quantity(promise.rate.floor);
  if (!promise.rate.ceiling.is_zero()) encoded["ceiling"] = to_quantity(promise.rate.ceiling);
  if (promise.offer != nullptr) put(encoded, "class", promise.offer->class_name);
  if (promise.granted) {
    const Grant& grant = *promise.granted.grant;
    put(encoded, grant.kind == Grant::Kind::claim ? "claim" : "pod", grant.name);
    put(encoded, "podUID", grant.pod_uid);
  }
  if (promise.lane == nullptr) return encoded;
  const LaneRecord& lane = *promise.lane;
  encoded["phase"] = to_string(lane.phase);
  put(encoded, "interface", lane.owner.ifname);
  put(encoded, "class", lane.class_name);
  put(encoded, "pod", lane.owner.pod);
  put(encoded, "podUID", lane.owner.pod_uid);
  return encoded;
}

int free_vfs(const Port& port, VfState state, const PortPromises& promises) {
  return static_cast<int>(std::ranges::count_if(port.vfs, [&](const Vf& vf) {
    return vf.state == state && !promises.contains(vf.address.to_string());
  }));
}

/// Those that every VF of the port can have, whatever share it is of.
std::vector<std::string> networks_of(const Port& port, const Config& config) {
  std::vector<int> vfs;
  vfs.reserve(port.vfs.size());
  for (const Vf& vf : port.vfs) vfs.push_back(vf.index);
  return networks_of(port, vfs, config);
}

NodePort node_port(const PublishedPort& port, const Port& hardware, const Config& config,
                   const PortPromises& promises) {
  NodePort made{.name = port.name,
                .link = port.link,
                .medium = port.medium,
                .numa_node = port.numa_node,
                .driver = port.driver,
                .line_rate = port.line_rate,
                .usable = port.usable,
                .promised = {},
                .free_vfs = free_vfs(hardware, VfState::ready, promises),
                .free_vfio_vfs = free_vfs(hardware, VfState::vfio, promises),
                .networks = networks_of(hardware, config)};
  for (const auto& [vf, promise] : promises) made.promised += promise.cost;
  return made;
}

}  // namespace

json ports_view(const NodeState& node, const SetAside& aside) {
  const std::vector<PortPromises> promises = port_promises(node, aside);
  const NodeLanes shown{.ports = published_ports(node, aside)};
  NodePorts ports;
  ports.ports.reserve(promises.size());
  for (std::size_t i = 0; i < promises.size(); ++i) {
    ports.ports.push_back(
        node_port(shown.ports[i], node.inventory.ports[i], *node.config, promises[i]));
  }
  json all = encode(ports);
  const json status = encode_status(shown);
  for (std::size_t i = 0; i < promises.size(); ++i) {
    json& port = all["ports"][i];
    port.update(status["ports"][i]);
    port["lanes"] = json::array();
    for (const auto& [vf, promise] : promises[i]) port["lanes"].push_back(encode(vf, promise));
  }
  return all;
}

}  // namespace sluice
