// Addresses of the lanes of a pod.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "cni/addressing.h"
#include "cni/protocol/fields.h"
#include "cni/verbs/commands.h"
#include "pkg/base/crash_point.h"
#include "pkg/base/rollback.h"
#include "pkg/base/strings.h"
#include "pkg/json/document.h"
#include "pkg/lane/give_addresses.h"

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

// Beside those of the plugin.
Outcome<> add_fixed_routes(const Lease& lease, AddResult& assigned) {
  const auto json = parse_document(lease.conf);
  const AddResult fixed = TRY(decode_result(Fields(json, "")));
  assigned.routes.insert(assigned.routes.end(), fixed.routes.begin(), fixed.routes.end());
  return {};
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

bool wants_rules(const Lease& lease) {
  const auto json = parse_document(lease.conf);
  const auto* const rules = Fields(json, "").find("rules");
  return rules != nullptr && rules->is_boolean() && rules->get<bool>();
}

LaneAddresses given_to(const Lease& lease, const AddResult& assigned) {
  LaneAddresses given = lane_addresses_of(assigned);
  given.rules = wants_rules(lease);
  return given;
}

// Where addresses are set, and what takes back what does not go with its lane.
struct PodNetwork {
  Addresses& addresses;
  Rollback& undo;
};

Outcome<> put_on(const PodNetwork& pod, int link, const LaneAddresses& given) {
  const auto routing = source_routing_of(given, link);
  if (routing) {
    pod.undo.add([&addresses = pod.addresses, routing = *routing] {
      static_cast<void>(remove_source_rules(addresses, routing));
    });
  }
  TRY(give_addresses(pod.addresses, link, given));
  return {};
}

Outcome<> address(const PodNetwork& pod, const Lane& lane, Lease& lease,
                  Outcome<AddResult>& assigned, const AddResult& result) {
  if (!assigned) return assigned.error();
  TRY(add_fixed_routes(lease, *assigned));
  TRY(refuse_repeats(assigned->ips, result));
  lease.given = given_to(lease, *assigned);
  if (lane.link) TRY(put_on(pod, lane.link->index, lease.given));
  crash_point("add.addressed");
  return {};
}

// Through any lane: of lanes in one subnet each has the same gateway.
Outcome<std::vector<Route>> routes_of(Addresses& addresses, const std::vector<Lane>& lanes) {
  std::vector<Route> all;
  for (const Lane& lane : lanes) {
    if (!lane.link) continue;
    const std::vector<Route> some = TRY(addresses.routes(lane.link->index));
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

const Lane& lane_of(const std::vector<Lane>& lanes, const Lease& lease) {
  return *std::find_if(lanes.begin(), lanes.end(),
                       [&](const Lane& lane) { return lane.record.owner.ifname == lease.ifname; });
}

void merge(AddResult assigned, const std::optional<int>& interface, AddResult& result) {
  for (AssignedIp& ip : assigned.ips) {
    ip.interface = interface;
    result.ips.push_back(ip);
  }
  // With their gateways, by which CHECK knows them.
  const std::vector<Route> routes = routes_of(assigned);
  result.routes.insert(result.routes.end(), routes.begin(), routes.end());
}

}  // namespace

Outcome<std::vector<Lease>> plan_leases(const Task& task, const std::vector<PodLane>& lanes) {
  std::vector<Lease> leases;
  for (const PodLane& lane : lanes) {
    if (!lane.network || lane.network->cni.empty()) continue;
    leases.push_back(
        {.ifname = lane.ifname, .network = lane.network->name, .conf = lane.network->cni});
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
  Rollback undo;
  const PodNetwork network{*addresses, undo};
  std::vector<Outcome<AddResult>> all = task.leases.add(task.attachment(), leases);
  crash_point("add.ipam");
  for (std::size_t i = 0; i < leases.size(); ++i) {
    Lease& lease = leases[i];
    Outcome<AddResult>& assigned = all[i];
    TRY(in_words(address(network, lane_of(lanes, lease), lease, assigned, result), lease));
    merge(*std::move(assigned), find_interface(result, lease.ifname, task.environment.netns),
          result);
  }
  note_missing_gids(task, pod, lanes, leases);
  TRY(task.leases.store().write(task.conf.name, task.attachment(), leases));
  undo.dismiss();
  return {};
}

Outcome<> check_addresses(const Task& task, Addresses& addresses, const std::vector<Lane>& lanes) {
  const std::vector<Lease> leases = TRY(task.leases.store().read(task.attachment()));
  const std::vector<Route> routes = TRY(routes_of(addresses, lanes));
  for (const Lane& lane : lanes) {
    if (!lane.link) continue;
    const std::string& name = lane.record.owner.ifname;
    const Expected expected{*task.conf.prev_result, name, task.environment.netns};
    TRY(verify(addresses, lane.link->index, routes, expected));
    const auto lease = std::find_if(leases.begin(), leases.end(),
                                    [&](const Lease& each) { return each.ifname == name; });
    if (lease == leases.end()) continue;
    const auto routing = source_routing_of(lease->given, lane.link->index);
    if (!routing) continue;
    const Result<> is_there = verify_source_routing(addresses, *routing);
    if (!is_there) return Failure(ErrorCode::mismatch, is_there.error().message());
  }
  return task.leases.check(task.attachment());
}

}  // namespace sluice::cni
