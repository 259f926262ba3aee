#include "agent/node_loop.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "agent/counters.h"
#include "agent/node_metrics.h"
#include "pkg/base/rate_text.h"
#include "pkg/provision/port_policy.h"

namespace sluice {
namespace {

using Clock = std::chrono::steady_clock;

// The next step asks again; an attach holds a port's lock for less.
constexpr std::chrono::milliseconds kPolicyTimeout{100};

double seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

// What cannot be read is no reason to say nothing of the lane.
std::optional<Lease> lease_of(const Owner& owner, const LeaseStore& leases) {
  return leases.find(owner).value_or(std::nullopt);
}

// The ADD of a lane whose addresses are not given yet goes on.
bool is_settled(const std::optional<Lease>& lease) {
  return !lease || !lease->given.addresses.empty();
}

std::string addresses_of(const std::optional<Lease>& lease) {
  if (!lease || lease->given.addresses.empty()) return "";
  return fmt::format(", {} in network '{}'", list(lease->given.addresses), lease->network);
}

std::string describe(const Arrivals::Arrival& arrival, const std::optional<Lease>& lease) {
  const LaneRecord& lane = arrival.lane;
  const std::string of_class =
      lane.class_name.empty() ? "" : fmt::format(", class '{}'", lane.class_name);
  const char* const where = lane.is_in_place() ? " on the host's network" : "";
  return fmt::format("{} is VF {} of port {}{}{}, {}{}", lane.owner.ifname, lane.id,
                     port_label(arrival.port), of_class, where, to_string(lane.asked),
                     addresses_of(lease));
}

}  // namespace

bool NodeLoop::is_due() const {
  return has_news_ || parts_.repairs.has_news() ||
         std::ranges::any_of(parts_.front_ends,
                             [](const FrontEnd* front_end) { return front_end->is_due(); });
}

void NodeLoop::step() {
  const auto start = Clock::now();
  read_config();
  const Result<> done = advance();
  parts_.metrics.observe(metric::kStepSeconds, {"offers"}, seconds(Clock::now() - start));
  if (done) {
    parts_.probes.set_ready(kReady);
    if (failures_.recovered("step")) announcer_.log().info("offers are in line again");
    return;
  }
  parts_.metrics.add(metric::kStepFailures, {"offers"});
  parts_.probes.set_not_ready(kReady, done.error().message());
  if (!failures_.worth_telling("step", done.error().message(), start)) return;
  announcer_.log().error("offers could not be brought in line",
                         {{"reason", done.error().message()}});
}

void NodeLoop::read_config() {
  const Result<bool> changed = parts_.config.reload();
  parts_.metrics.set(metric::kConfigGood, {}, changed ? 1 : 0);
  if (!changed) return tell_bad_config(changed.error());
  parts_.probes.set_ready(kConfigIsGood);
  const Log& log = announcer_.log();
  if (failures_.recovered("config")) log.info("configuration is good again");
  if (const Result<> kept = parts_.config.keep(); kept) {
    failures_.recovered("kept config");
  } else if (failures_.worth_telling("kept config", kept.error().message(), Clock::now())) {
    log.warn("the configuration is not kept for the next start",
             {{"reason", kept.error().message()}});
  }
  if (!*changed) return;
  count_good_config(parts_.metrics);
  log.info("configuration was read", {{"file", parts_.config.path()}});
  if (parts_.kubernetes.is_there()) return;
  log.warn("no access to the API server: offers that were made stay as they are");
}

void NodeLoop::tell_bad_config(const Error& error) {
  parts_.probes.set_not_ready(kConfigIsGood, error.message());
  if (!failures_.worth_telling("config", error.message(), Clock::now())) return;
  parts_.metrics.add(metric::kConfigLoads, {"bad"});
  announcer_.error("configuration is not good, so the last good one stays in force",
                   {{"reason", error.message()}},
                   {.reason = "ConfigurationNotGood", .action = "Load", .note = error.message()});
}

Result<NodeState> NodeLoop::look() {
  NodeState node = TRY(read_node({.sysfs = parts_.sysfs,
                                  .ledger = parts_.ledger,
                                  .grants = parts_.grants,
                                  .kubernetes = parts_.kubernetes,
                                  .front_ends = parts_.front_ends},
                                 parts_.config.current()));
  node.unrepaired = parts_.repairs.unrepaired();
  if (parts_.wanted) node.wanted = parts_.wanted();
  parts_.metrics.observe(metric::kScanSeconds, {}, seconds(node.scan_took));
  for (const std::string& problem : node.inventory.problems) {
    if (!failures_.worth_telling(problem, problem, node.now)) continue;
    announcer_.log().error("a port cannot be read and is left out", {{"reason", problem}});
  }
  return node;
}

void NodeLoop::watch_locks(NodeState& node) {
  std::vector<std::string> ports;
  ports.reserve(node.inventory.ports.size());
  for (const Port& port : node.inventory.ports) ports.push_back(port.address.to_string());
  const auto holder_of = [this](const std::string& port) { return parts_.ledger.holder(port); };
  node.locked = locks_.look(ports, holder_of, node.now);
  for (const std::string& port : ports) {
    const std::string what = "lock of " + port;
    const auto locked = node.locked.find(port);
    if (locked == node.locked.end()) {
      if (failures_.recovered(what)) announcer_.log().info("a port is free", {{"port", port}});
    } else if (failures_.worth_telling(what, locked->second, node.now)) {
      announcer_.log().warn("no lane can be made on a port",
                            {{"port", port}, {"reason", locked->second}});
    }
  }
}

void NodeLoop::keep_usable_parts(const NodeState& node) {
  for (const Port& port : node.inventory.ports) {
    const std::string name = port.address.to_string();
    const std::string what = "policy of " + name;
    const Result<bool> changed =
        keep_usable_part(parts_.ledger, name, node.config->ports.rule_for(port), kPolicyTimeout);
    if (changed) {
      failures_.recovered(what);
      if (!*changed) continue;
      announcer_.log().info("what lanes may be promised of a port changed", {{"port", name}});
    } else if (failures_.worth_telling(what, changed.error().message(), node.now)) {
      announcer_.log().warn("could not note what is kept back of a port",
                            {{"port", name}, {"reason", changed.error().message()}});
    }
  }
}

Result<> NodeLoop::advance() {
  NodeState node = TRY(look());
  watch_locks(node);
  keep_usable_parts(node);
  parts_.repairs.observe(node);
  Result<> done = reconcile(node);
  show(node);
  tell_arrivals(node);
  has_news_ = arrivals_.are_waiting() || locks_.saw_some();
  return done;
}

// One that fails does not stop the others.
Result<> NodeLoop::reconcile(const NodeState& node) {
  Result<> all;
  for (FrontEnd* const front_end : parts_.front_ends) {
    Result<> done = front_end->reconcile(node);
    if (!done && all) all = std::move(done);
  }
  return all;
}

void NodeLoop::show(const NodeState& node) {
  SetAside aside{.offers = {}, .grants = node.grants};
  for (const FrontEnd* const front_end : parts_.front_ends) {
    std::ranges::move(front_end->offers(), std::back_inserter(aside.offers));
  }
  show_node(parts_.metrics, node, aside);
  start_counters(parts_.metrics, node.inventory, *node.config);
  if (parts_.shown) parts_.shown(node, aside);
}

void NodeLoop::tell_arrivals(const NodeState& node) {
  arrivals_.observe(node.after, node.now);
  const auto settled = [this](const Arrivals::Arrival& arrival) {
    return is_settled(lease_of(arrival.lane.owner, parts_.leases));
  };
  for (const std::vector<Arrivals::Arrival>& of_pod : arrivals_.take(node.now, settled)) {
    std::vector<std::string> lanes;
    lanes.reserve(of_pod.size());
    std::vector<std::string> without_gids;
    for (const Arrivals::Arrival& arrival : of_pod) {
      const Owner& owner = arrival.lane.owner;
      const std::optional<Lease> lease = lease_of(owner, parts_.leases);
      lanes.push_back(describe(arrival, lease));
      // Empty where the RDMA device has all, or has none to have.
      if (!lease || lease->lacks_gids.empty()) continue;
      without_gids.push_back(fmt::format("the RDMA device of {} has no RoCE v2 GID of {}",
                                         owner.ifname, lease->lacks_gids));
    }
    const std::string note = fmt::format("{}", fmt::join(lanes, "; "));
    const Owner& owner = of_pod.front().lane.owner;
    announcer_.log().info("lanes came into their pod", {{"pod", owner.pod}, {"lanes", note}});
    announcer_.tell_pod(owner, Event::Type::normal,
                        {.reason = "LaneAttached", .action = "Attach", .note = note});
    if (!without_gids.empty()) tell_missing_gids(owner, without_gids);
  }
}

void NodeLoop::tell_missing_gids(const Owner& owner, const std::vector<std::string>& lanes) {
  const std::string note =
      fmt::format("a second after the addresses were set, {}; what connects from there may fail",
                  fmt::join(lanes, "; "));
  announcer_.log().warn("a pod started without all its GIDs",
                        {{"pod", owner.pod}, {"lanes", fmt::format("{}", fmt::join(lanes, "; "))}});
  announcer_.tell_pod(owner, Event::Type::warning,
                      {.reason = "GidsMissing", .action = "Attach", .note = note});
}

}  // namespace sluice
