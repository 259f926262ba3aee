// Addresses of the lanes of a pod.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "cni/addressing.h"
#include "cni/protocol/fields.h"
#include "cni/verbs/commands.h"
#include "pkg/base/crash_point.h"
#include "pkg/base/strings.h"
#include "pkg/json/document.h"

namespace sluice::cni {
namespace {

// What went wrong with a lane, with its name and its network's.
template <typename T>
Outcome<> in_words(const Outcome<T>& outcome, const Lease& lease) {
  if (outcome) return {};
  Failure failure = outcome.error();
  failure.prepend(fmt::format("addresses of {} in network {}", in_quotes(lease.ifname),
                              in_quotes(lease.network)));
  return failure;
}

// What the plugin assigned, and the network's own routes.
Outcome<AddResult> obtain(const Task& task, const Lease& lease) {
  AddResult assigned = TRY(task.leases.add(task.attachment(), lease));
  crash_point("add.ipam");
  const auto json = parse_document(lease.conf);
  const AddResult fixed = TRY(decode_result(Fields(json, "")));
  assigned.routes.insert(assigned.routes.end(), fixed.routes.begin(), fixed.routes.end());
  return assigned;
}

// Two links with one address: which of them answers is the kernel's whim.
Outcome<> refuse_repeats(const std::vector<AssignedIp>& ips, const AddResult& result) {
  std::vector<IpAddress> known;
  for (const AssignedIp& ip : result.ips) known.push_back(ip.address.address);
  for (const AssignedIp& ip : ips) {
    const IpAddress& address = ip.address.address;
    if (std::find(known.begin(), known.end(), address) != known.end()) {
      return Failure(ErrorCode::ipam_failed,
                     fmt::format("the pod has {} already", address.to_string()));
    }
    known.push_back(address);
  }
  return {};
}

Outcome<AddResult> address(const Task& task, Addresses& addresses, const Lane& lane,
                           const Lease& lease, const AddResult& result) {
  AddResult assigned = TRY(obtain(task, lease));
  TRY(refuse_repeats(assigned.ips, result));
  if (lane.link) TRY(assign(addresses, lane.link->index, assigned));
  crash_point("add.addressed");
  return assigned;
}

const Lane& lane_of(const std::vector<Lane>& lanes, const Lease& lease) {
  return *std::find_if(lanes.begin(), lanes.end(),
                       [&](const Lane& lane) { return lane.record.owner.ifname == lease.ifname; });
}

std::string list(const std::vector<AssignedIp>& ips) {
  std::string text;
  for (const AssignedIp& ip : ips) {
    if (!text.empty()) text += ',';
    text += ip.address.to_string();
  }
  return text;
}

void merge(AddResult assigned, const std::optional<int>& interface, AddResult& result) {
  for (AssignedIp& ip : assigned.ips) {
    ip.interface = interface;
    result.ips.push_back(ip);
  }
  result.routes.insert(result.routes.end(), assigned.routes.begin(), assigned.routes.end());
}

}  // namespace

Outcome<std::vector<Lease>> plan_leases(const Task& task, const std::vector<PodLane>& lanes) {
  std::vector<Lease> leases;
  for (const PodLane& lane : lanes) {
    if (!lane.network || lane.network->cni.empty()) continue;
    leases.push_back({.ifname = lane.ifname,
                      .network = lane.network->name,
                      .conf = lane.network->cni,
                      .addresses = {}});
    TRY(in_words(task.leases.require_plugin(task.attachment(), leases.back()), leases.back()));
  }
  if (leases.empty()) return leases;
  if (!TRY(task.leases.store().read(task.attachment())).empty()) {
    return Failure(ErrorCode::name_taken,
                   fmt::format("{} of container {} has addresses already", task.environment.ifname,
                               in_quotes(task.environment.container_id)));
  }
  TRY(task.leases.store().write(task.conf.name, task.attachment(), leases));
  crash_point("add.noted");
  return leases;
}

Outcome<> add_addresses(const Task& task, const NetNs& pod, const std::vector<Lane>& lanes,
                        std::vector<Lease> leases, AddResult& result) {
  if (leases.empty()) return {};
  const std::unique_ptr<Addresses> addresses = TRY(task.kernel.addresses_in(pod));
  for (Lease& lease : leases) {
    Outcome<AddResult> assigned = address(task, *addresses, lane_of(lanes, lease), lease, result);
    TRY(in_words(assigned, lease));
    lease.addresses = list(assigned->ips);
    merge(*std::move(assigned), find_interface(result, lease.ifname, task.environment.netns),
          result);
  }
  TRY(task.leases.store().write(task.conf.name, task.attachment(), leases));
  return {};
}

}  // namespace sluice::cni
