#include "agent/counters.h"

#include <chrono>
#include <initializer_list>
#include <string_view>

#include "pkg/offers/moves.h"

namespace sluice {
namespace {

using Words = std::initializer_list<std::string_view>;

void start(Metrics& metrics, const CounterName<1>& name, Words values) {
  for (const std::string_view value : values) metrics.add(name, {value}, 0);
}

void start(Metrics& metrics, const CounterName<2>& name, std::string_view first, Words values) {
  for (const std::string_view value : values) metrics.add(name, {first, value}, 0);
}

}  // namespace

void start_counters(Metrics& metrics) {
  using Kind = Move::Kind;
  for (const Kind kind : {Kind::offered, Kind::rerated, Kind::withdrawn, Kind::gone,
                          Kind::cancelled, Kind::unconfirmed}) {
    metrics.add(metric::kOfferMoves, {to_string(kind)}, 0);
  }
  start(metrics, metric::kResolutions, {"answered", "failed"});
  start(metrics, metric::kClaimStatusWrites, {"done", "failed", "refused"});
  start(metrics, metric::kNodeLanesWrites, {"done", "failed"});
  start(metrics, metric::kOrphans, {"namespace"});
  start(metrics, metric::kConfigLoads, {"good", "bad"});
  start(metrics, metric::kStepFailures, {"offers", "repair"});
  start(metrics, metric::kApiFailures, {"watch", "event"});
  metrics.add(metric::kEventsDropped, {}, 0);
}

void start_counters(Metrics& metrics, const Inventory& inventory, const Config& config) {
  for (const Port& each : inventory.ports) {
    const std::string port = each.address.to_string();
    start(metrics, metric::kDrift, port, {"rate", "vlan", "spoofchk", "trust", "link_state"});
    start(metrics, metric::kRepairs, port, {"done", "failed"});
    start(metrics, metric::kLineRateChanges, {port});
    start(metrics, metric::kLanesLost, {port});
    start(metrics, metric::kVfsMade, port, {"done", "failed"});
    start(metrics, metric::kVfsRebound, port, {"done", "failed"});
  }
  for (const ClassRule& rule : config.classes_of(FrontEndName::classes)) {
    start(metrics, metric::kRegistrations, rule.name, {"done", "failed"});
    start(metrics, metric::kAllocations, rule.name, {"granted", "refused"});
  }
}

void count_good_config(Metrics& metrics) {
  metrics.add(metric::kConfigLoads, {"good"});
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  metrics.set(metric::kConfigSince, {}, std::chrono::duration<double>(now).count());
}

}  // namespace sluice
