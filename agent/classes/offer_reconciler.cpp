#include "agent/classes/offer_reconciler.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>
#include <utility>

#include "agent/classes/stale_offers.h"
#include "agent/counters.h"
#include "agent/node_metrics.h"
#include "pkg/inventory/scan.h"
#include "pkg/provision/port_policy.h"

namespace sluice {
namespace {

using Clock = std::chrono::steady_clock;

// Of who comes again; an attach holds a port's lock for less.
constexpr std::chrono::milliseconds kPolicyPatience{100};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string describe(const Rate& rate) {
  return fmt::format("{} to {}", to_string(rate.floor),
                     rate.ceiling.is_zero() ? "no ceiling" : to_string(rate.ceiling));
}

std::string describe_lane(const Arrivals::Arrival& arrival) {
  const LaneRecord& lane = arrival.lane;
  const std::string of_class =
      lane.class_name.empty() ? "" : fmt::format(", class '{}'", lane.class_name);
  return fmt::format("{} is VF {} of port {}{}, {} promised, {}", lane.owner.ifname, lane.id,
                     port_label(arrival.port), of_class, to_string(lane.asked.floor),
                     lane.asked.ceiling.is_zero()
                         ? "no ceiling"
                         : fmt::format("at most {}", to_string(lane.asked.ceiling)));
}

}  // namespace

void OfferReconciler::step() {
  const auto start = Clock::now();
  read_config();
  const Result<> done = advance();
  parts_.metrics.observe(metric::kStepSeconds, {"offers"}, seconds_since(start));
  if (done) {
    parts_.probes.set_ready(kReady);
    if (failures_.recovered("step")) log_.info("offers are in line again");
    return;
  }
  parts_.metrics.add(metric::kStepFailures, {"offers"});
  parts_.probes.set_not_ready(kReady, done.error().message());
  if (!failures_.worth_telling("step", done.error().message(), start)) return;
  log_.error("offers could not be brought in line", {{"reason", done.error().message()}});
}

void OfferReconciler::read_config() {
  const Result<bool> changed = parts_.config.reload();
  parts_.metrics.set(metric::kConfigGood, {}, changed ? 1 : 0);
  if (!changed) return tell_bad_config(changed.error());
  parts_.probes.set_ready(kConfigIsGood);
  if (failures_.recovered("config")) log_.info("configuration is good again");
  if (const Result<> kept = parts_.config.keep(); kept) {
    failures_.recovered("kept config");
  } else if (failures_.worth_telling("kept config", kept.error().message(), Clock::now())) {
    log_.warn("the configuration is not kept for the next start",
              {{"reason", kept.error().message()}});
  }
  if (!*changed) return;
  count_good_config(parts_.metrics);
  log_.info("configuration was read", {{"file", parts_.config.path()}});
  if (parts_.cluster == nullptr) {
    log_.warn("no access to the API server: offers that were made stay as they are");
  }
}

void OfferReconciler::tell_bad_config(const Error& error) {
  parts_.probes.set_not_ready(kConfigIsGood, error.message());
  if (!failures_.worth_telling("config", error.message(), Clock::now())) return;
  parts_.metrics.add(metric::kConfigLoads, {"bad"});
  log_.error("configuration is not good, so the last good one stays in force",
             {{"reason", error.message()}});
  if (parts_.cluster == nullptr) return;
  parts_.cluster->warn("ConfigurationNotGood", "Load", error.message());
}

Result<Inventory> OfferReconciler::look_at_hardware() {
  const auto start = Clock::now();
  Inventory inventory = TRY(scan(parts_.sysfs).context("look at the hardware"));
  parts_.metrics.observe(metric::kScanSeconds, {}, seconds_since(start));
  for (const std::string& problem : inventory.problems) {
    if (!failures_.worth_telling(problem, problem, start)) continue;
    log_.error("a port cannot be read and is left out", {{"reason", problem}});
  }
  return inventory;
}

void OfferReconciler::keep_policies(const Inventory& inventory, const Config& config) {
  for (const Port& port : inventory.ports) {
    const std::string name = port.address.to_string();
    const std::string what = "policy of " + name;
    const Result<bool> changed =
        keep_usable_part(parts_.ledger, name, config.ports.rule_for(port), kPolicyPatience);
    if (changed) {
      failures_.recovered(what);
      if (*changed) log_.info("what lanes may be promised of a port changed", {{"port", name}});
    } else if (failures_.worth_telling(what, changed.error().message(), Clock::now())) {
      log_.warn("could not note what is kept back of a port",
                {{"port", name}, {"reason", changed.error().message()}});
    }
  }
}

Result<> OfferReconciler::advance() {
  const ConfigPtr config = parts_.config.current();
  // Before the rest is looked at: it is judged by what was sent with the last step.
  std::optional<KubernetesView> view;
  const auto held = parts_.allocated_vfs.vfs(*config);
  if (parts_.cluster != nullptr && parts_.book.is_waiting()) view = parts_.cluster->view(*config);
  const std::vector<PortRecord> before = TRY(read_records(parts_.ledger));
  const Inventory inventory = TRY(look_at_hardware());
  keep_policies(inventory, *config);
  parts_.vfs.observe(inventory, *config, Clock::now());
  parts_.rebinder.observe(inventory, Clock::now());
  const bool may_move = held && parts_.cluster != nullptr;
  const OfferChange change = TRY(parts_.book.advance({.inventory = inventory,
                                                      .config = *config,
                                                      .held = may_move ? &*held : nullptr,
                                                      .healthy = healthy_,
                                                      .view = may_move && view ? &*view : nullptr,
                                                      .now = Clock::now()}));
  tell(change);
  const std::vector<PortRecord> after = TRY(read_records(parts_.ledger));
  const std::vector<Offer> offers = parts_.book.offers();
  const std::vector<Grant> grants = TRY(parts_.book.grants());
  const SnapshotInput input{.inventory = inventory,
                            .config = *config,
                            .offers = offers,
                            .before = before,
                            .after = after,
                            .held = held ? &*held : nullptr,
                            .grants = grants};
  TRY(publish(input));
  const std::set<std::string> with_lanes = lane_ids(after);
  tell_arrivals(after);
  tell_stale(input, with_lanes);
  give_back(with_lanes);
  return {};
}

Result<> OfferReconciler::publish(const SnapshotInput& input) {
  const auto snapshot =
      std::make_shared<const plugin::DeviceSnapshot>(make_snapshot(input, ++generation_));
  TRY(parts_.plugin.publish(snapshot).context("publish what is offered"));
  healthy_ = healthy_by_class(*snapshot, input.config);
  set_gauges(parts_.metrics, input, *snapshot);
  start_counters(parts_.metrics, input.inventory, input.config);
  return {};
}

void OfferReconciler::tell_arrivals(const std::vector<PortRecord>& records) {
  arrivals_.observe(records, Clock::now());
  for (const std::vector<Arrivals::Arrival>& of_pod : arrivals_.take(Clock::now())) {
    std::vector<std::string> lanes;
    lanes.reserve(of_pod.size());
    for (const Arrivals::Arrival& arrival : of_pod) lanes.push_back(describe_lane(arrival));
    const std::string note = fmt::format("{}", fmt::join(lanes, "; "));
    const Owner& owner = of_pod.front().lane.owner;
    log_.info("lanes came into their pod", {{"pod", owner.pod}, {"lanes", note}});
    if (parts_.cluster == nullptr) continue;
    parts_.cluster->tell_pod(owner, Event::Type::normal, "LaneAttached", "Attach", note);
  }
  has_news_ = arrivals_.are_waiting();
}

void OfferReconciler::tell_stale(const SnapshotInput& input,
                                 const std::set<std::string>& with_lanes) {
  if (input.held == nullptr) return;
  std::set<std::string> held = with_lanes;
  held.insert(input.held->begin(), input.held->end());
  auto now = stale_offers(input.offers, input.config, input.inventory, held);
  for (const auto& [vf, why] : now) {
    if (stale_.contains(vf)) continue;
    log_.warn("a VF is offered only until its pod ends", {{"vf", vf}, {"reason", why}});
    if (parts_.cluster == nullptr) continue;
    parts_.cluster->warn("OfferWaitsForPod", "Withdraw",
                         fmt::format("VF {} stays until its pod ends: {}", vf, why));
  }
  stale_ = std::move(now);
}

// A kubelet that has just started lists no pod for some seconds, so a device whose lane is there,
// or that is held again, is nobody's to give back.
void OfferReconciler::give_back(const std::set<std::string>& with_lanes) {
  for (DeviceKey& device : parts_.allocated_vfs.take_released()) {
    released_.insert(std::move(device));
  }
  if (released_.empty()) return;
  std::erase_if(released_, [&](const DeviceKey& device) {
    if (with_lanes.contains(device.id)) return false;
    parts_.allocated_vfs.unless_held(device, [&] {
      const Result<> done = parts_.plugin.released(device);
      if (done) return;
      log_.warn("device-info file of a device was not removed",
                {{"device", device.id}, {"reason", done.error().message()}});
    });
    return true;
  });
}

void OfferReconciler::tell(const OfferChange& change) {
  for (const Move& move : change.moves) tell(move);
  if (!change.found_in_file.empty()) {
    log_.error("the file of the offers was written again", {{"reason", change.found_in_file}});
  }
  for (const std::string& port : change.locked) {
    const std::string what = "lock of " + port;
    if (!failures_.worth_telling(what, "locked", Clock::now())) continue;
    log_.warn("a port is locked, so no more is offered on it yet", {{"port", port}});
  }
  std::map<std::string, int> now;
  for (const ClassCount& counted : change.plan.classes) {
    if (!counted.is_short()) continue;
    now[counted.name] = counted.offered;
    const auto known = short_.find(counted.name);
    if (known != short_.end() && known->second == counted.offered) continue;
    const std::string note = fmt::format("class '{}': {} VFs can be offered, its minimum is {}",
                                         counted.name, counted.offered, counted.min);
    log_.warn("class is below its minimum",
              {{"class", counted.name}, {"offered", counted.offered}, {"min", counted.min}});
    if (parts_.cluster != nullptr) parts_.cluster->warn("ClassBelowMinimum", "Offer", note);
  }
  short_ = std::move(now);
}

void OfferReconciler::tell(const Move& move) {
  parts_.metrics.add(metric::kOfferMoves, {to_string(move.kind)});
  log_.info("offer changed", {{"change", to_string(move.kind)},
                              {"vf", move.offer.vf},
                              {"port", move.offer.port},
                              {"class", move.offer.class_name},
                              {"rate", describe(move.offer.rate)}});
  if (move.kind != Move::Kind::unconfirmed || parts_.cluster == nullptr) return;
  parts_.cluster->warn(
      "WithdrawalUnconfirmed", "Withdraw",
      fmt::format("VF {} stays in class '{}': Kubernetes did not take note of its "
                  "withdrawal within {} s",
                  move.offer.vf, move.offer.class_name, kWithdrawalPatience.count()));
}

}  // namespace sluice
