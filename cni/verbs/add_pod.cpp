// Pod mode: one attachment, the cluster's own, and any number of lanes beside it.
#include <algorithm>
#include <map>

#include "cni/verbs/commands.h"
#include "pkg/base/crash_point.h"
#include "pkg/base/link_name.h"
#include "pkg/base/rollback.h"
#include "pkg/base/strings.h"
#include "pkg/lane/timeouts.h"
#include "pkg/netlink/vf_settings.h"

namespace sluice::cni {
namespace {

using Clock = std::chrono::steady_clock;

/// What the ledger itself says of the pod.
struct Granted {
  std::vector<PodLane> lanes;
  bool is_all = false;  ///< The pod has no others, so the agent need not be alive.
};

Outcome<Granted> granted_to(const std::string& pod_uid, const std::vector<Grant>& grants) {
  Granted found;
  for (const Grant& grant : grants) {
    if (pod_uid.empty() || grant.pod_uid != pod_uid) continue;
    found.is_all = (found.lanes.empty() || found.is_all) && !grant.has_others;
    for (const GrantedVf& granted : grant.vfs) {
      found.lanes.push_back(TRY(granted_lane(grant, granted)));
    }
  }
  return found;
}

// A pod that Kubernetes does not know cannot have been given anything.
Outcome<std::vector<PodLane>> lanes_of_pod(const Task& task) {
  const Args& args = task.environment.args;
  const bool named = !args.pod_name.empty() && !args.pod_namespace.empty();
  if (!named) return std::vector<PodLane>();
  const std::vector<Grant> grants = TRY(task.aside.grants.peek());
  Granted granted = TRY(granted_to(args.pod_uid, grants));
  // A pod without a grant may name the claim of another: the agent knows. And a runtime that names
  // no UID leaves open whose the grants are.
  const bool is_open = granted.lanes.empty() && !grants.empty();
  if (granted.is_all || !(is_open || may_have_lanes(task))) return granted.lanes;
  const std::vector<PodLane> others = TRY(task.agent.lanes_of(
      {.name_space = args.pod_namespace, .name = args.pod_name, .uid = args.pod_uid}));
  for (const PodLane& other : others) {
    const bool twice = std::any_of(granted.lanes.begin(), granted.lanes.end(),
                                   [&](const PodLane& lane) { return lane.vf == other.vf; });
    if (!twice) granted.lanes.push_back(other);
  }
  return granted.lanes;
}

std::string title_of(const PodLane& lane) {
  return lane.grant.empty() ? fmt::format("of class {}", in_quotes(lane.class_name))
                            : fmt::format("granted to {}", in_quotes(lane.grant));
}

bool is_named(const std::vector<PodLane>& lanes, const std::string& name) {
  return std::any_of(lanes.begin(), lanes.end(),
                     [&](const PodLane& lane) { return lane.ifname == name; });
}

/// Of lanes whose names are numbered.
struct NamePrefix {
  std::string text;
  int first = 0;
};

// "net1", "net2", … for lanes without a name, and "eth0", "eth1", … for those named "eth%d", as the
// kernel itself has it (dev_alloc_name()). nullopt: the lane has its own.
std::optional<NamePrefix> prefix_of(const PodLane& lane) {
  constexpr std::string_view kNumbered = "%d";
  if (lane.ifname.empty()) return NamePrefix{.text = "net", .first = 1};
  if (!std::string_view(lane.ifname).ends_with(kNumbered)) return std::nullopt;
  return NamePrefix{.text = lane.ifname.substr(0, lane.ifname.size() - kNumbered.size())};
}

Outcome<> judge_names(const std::vector<PodLane>& lanes) {
  for (const PodLane& lane : lanes) {
    if (prefix_of(lane)) continue;
    const auto alike = std::count_if(lanes.begin(), lanes.end(), [&](const PodLane& other) {
      return other.ifname == lane.ifname;
    });
    if (alike > 1 || !is_link_name(lane.ifname)) {
      return Failure(ErrorCode::internal, fmt::format("the agent wants lane {} to be called {}",
                                                      lane.vf.to_string(), in_quotes(lane.ifname)));
    }
  }
  return {};
}

// Numbers go on where the last lane with that prefix had its own.
Outcome<> name(Links& links, const NamePrefix& prefix, std::map<std::string, int>& next,
               const std::vector<PodLane>& lanes, std::string& name) {
  int& number = next.try_emplace(prefix.text, prefix.first).first->second;
  for (;; ++number) {
    const std::string candidate = fmt::format("{}{}", prefix.text, number);
    if (is_named(lanes, candidate) || TRY(links.find(candidate))) continue;
    name = candidate;
    return {};
  }
}

// Lanes without a name of their own get what the pod does not have.
Outcome<> name(const Task& task, const NetNs& pod, std::vector<PodLane>& lanes) {
  TRY(judge_names(lanes));
  const std::unique_ptr<Links> links = TRY(task.kernel.links_in(pod));
  std::map<std::string, int> next;
  for (PodLane& lane : lanes) {
    const std::optional<NamePrefix> prefix = prefix_of(lane);
    if (prefix) TRY(name(*links, *prefix, next, lanes, lane.ifname));
  }
  return {};
}

// `deadline`: when the timeout that the lanes share ends.
LaneRequest request_for(const Task& task, const PodLane& lane, Clock::time_point deadline) {
  LaneRequest request = task.conf.lane;
  request.made_of = OfVf{lane.vf};
  request.owner.beside = task.environment.ifname;
  request.owner.ifname = lane.ifname;
  request.needs_grant = !lane.grant.empty();
  if (lane.rate) {
    request.floor = lane.rate->floor;
    request.ceiling = lane.rate->ceiling;
  }
  merge(request.settings, lane.settings);
  if (lane.network && lane.network->mtu) request.mtu = lane.network->mtu;
  request.timeout = timeout_of_next(request.timeout, deadline - Clock::now());
  return request;
}

void take_back(const Task& task, const PodLane& lane) {
  report_undo(task, "lane", task.lanes.detach(task.attachment(), lane.vf.to_string()));
}

}  // namespace

// A file that an agent has written may be missing for a moment, but not its socket.
bool may_have_lanes(const Task& task) {
  if (task.aside.every_pod.is_set()) return true;
  const Result<std::vector<Offer>> offers = task.aside.offers.peek();
  if (!offers || !offers->empty()) return true;
  return !task.aside.offers.is_there() && task.agent.has_socket();
}

Outcome<std::optional<AddResult>> add_pod(const Task& task) {
  std::vector<PodLane> asked = TRY(lanes_of_pod(task));
  if (asked.empty()) return std::optional<AddResult>();
  const NetNs pod = TRY(open_pod(task));
  TRY(name(task, pod, asked));
  const auto deadline = Clock::now() + task.conf.lane.timeout;
  AddResult result = task.conf.prev_result.value_or(AddResult());
  std::vector<Lane> lanes;
  const std::vector<Lease> leases = TRY(plan_leases(task, asked));
  Rollback undo;
  // Undone after the lanes: an address that another pod may get is off the wire then.
  undo.add([&task] { report_undo(task, "addresses", task.leases.give_back(task.attachment())); });
  for (const PodLane& each : asked) {
    lanes.push_back(TRY(
        task.lanes.attach(request_for(task, each, deadline), pod)
            .context("attach {} {} as '{}'", each.vf.to_string(), title_of(each), each.ifname)));
    undo.add([&task, &each] { take_back(task, each); });
    crash_point("add.attached");
    result.interfaces.push_back(describe(task, lanes.back()));
  }
  crash_point("add.all_attached");
  TRY(add_addresses(task, pod, lanes, leases, result));
  undo.dismiss();
  if (!task.conf.dns.empty()) result.dns = task.conf.dns;
  return std::optional(std::move(result));
}

}  // namespace sluice::cni
