#include "agent/claims/claim_health.h"

#include <fmt/format.h>

#include <set>

#include "dra/slices/device_name.h"
#include "plugin/describe.h"

namespace sluice {
namespace {

using Troubles = std::map<std::string, std::string>;  // Port or VF -> what is wrong with it.

void add(std::string& all, const std::string& trouble) {
  if (!trouble.empty()) all += fmt::format("{}{}", all.empty() ? "" : "; ", trouble);
}

// Ports of the inventory that no lane can be made on now, and those without a carrier.
Troubles troubles_of_ports(const NodeState& node) {
  Troubles troubles;
  for (const Port& port : node.inventory.ports) {
    std::string& trouble = troubles[port.address.to_string()];
    trouble = plugin::trouble_of(port);
    if (trouble.empty() && !port.carrier) {
      trouble = fmt::format("port {} has no carrier", port.link);
    }
    const auto locked = node.locked.find(port.address.to_string());
    if (locked != node.locked.end()) {
      add(trouble, fmt::format("port {} {}", port.link, locked->second));
    }
  }
  return troubles;
}

std::set<std::string> vfs_of(const NodeState& node) {
  std::set<std::string> vfs;
  for (const Port& port : node.inventory.ports) {
    for (const Vf& vf : port.vfs) vfs.insert(vf.address.to_string());
  }
  return vfs;
}

// Ports that claims have VFs of, with what is wrong with these.
Troubles troubles_of_grants(const NodeState& node, const std::vector<Grant>& grants) {
  const Troubles unfit = unfit_vfs(node);
  const std::set<std::string> there = vfs_of(node);
  Troubles troubles;
  for (const Grant& grant : grants) {
    if (grant.kind != Grant::Kind::claim) continue;
    for (const GrantedVf& vf : grant.vfs) {
      std::string& trouble = troubles[vf.port];
      const auto found = unfit.find(vf.vf);
      const std::string why = found != unfit.end()     ? found->second
                              : !there.contains(vf.vf) ? "the port does not have it any more"
                                                       : "";
      if (!why.empty()) add(trouble, fmt::format("VF {} of claim {}: {}", vf.vf, grant.name, why));
    }
  }
  return troubles;
}

}  // namespace

std::map<std::string, std::string> unfit_vfs(const NodeState& node) {
  const std::set<std::string> had_lane = lane_ids(node.before);
  const std::set<std::string> has_lane = lane_ids(node.after);
  Troubles unfit;
  for (const Port& port : node.inventory.ports) {
    for (const Vf& vf : port.vfs) {
      const std::string id = vf.address.to_string();
      std::string trouble = plugin::trouble_of(vf);
      // One on its way has a lane by either reading of the ledger.
      if (vf.state == VfState::away && !had_lane.contains(id) && !has_lane.contains(id)) {
        trouble = "another program has its link in another network namespace";
      }
      if (!trouble.empty()) unfit.emplace(id, std::move(trouble));
    }
  }
  return unfit;
}

dra::HealthBook health_of(const std::string& pool, const std::vector<dra::ClaimPort>& ports,
                          const NodeState& node, const std::vector<Grant>& grants) {
  Troubles told = troubles_of_grants(node, grants);
  for (const dra::ClaimPort& port : ports) told.try_emplace(port.share.name);
  const Troubles of_ports = troubles_of_ports(node);
  const auto now = std::chrono::system_clock::now();
  dra::HealthBook book;
  for (auto& [port, trouble] : told) {
    const auto found = of_ports.find(port);
    std::string message =
        found == of_ports.end() ? fmt::format("port {} is gone", port) : found->second;
    add(message, trouble);
    book.devices[{pool, dra::port_device_name(port)}] = {
        .health = message.empty() ? dra::Health::healthy : dra::Health::unhealthy,
        .updated = now,
        .message = message};
  }
  return book;
}

}  // namespace sluice
