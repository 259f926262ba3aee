#include "pkg/lane/port_rates.h"

#include <algorithm>
#include <iterator>

#include "pkg/bandwidth/rate_plan.h"
#include "pkg/base/crash_point.h"
#include "pkg/lane/provider.h"

namespace sluice {
namespace {

std::vector<Rate> rates_asked(const PortRecord& port) {
  std::vector<Rate> asked;
  std::transform(port.lanes.begin(), port.lanes.end(), std::back_inserter(asked),
                 [](const LaneRecord& lane) { return lane.asked; });
  return asked;
}

// Positions of the lanes in the order in which their rates may be written.
std::vector<std::size_t> order_of(const PortRecord& port, const std::vector<Rate>& planned,
                                  Rewrite rewrite) {
  std::vector<RateUpdate> changes;
  for (std::size_t i = 0; i < port.lanes.size(); ++i) {
    changes.push_back({.before = port.lanes[i].in_force, .after = planned[i]});
  }
  std::vector<std::size_t> order = write_order(changes);
  if (rewrite == Rewrite::changed) return order;
  // What seems unchanged goes first: it can only be at its planned rate or below.
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (std::find(order.begin(), order.end(), i) == order.end()) all.push_back(i);
  }
  all.insert(all.end(), order.begin(), order.end());
  return all;
}

Result<> set_rate(const ProviderSet& providers, const PortRecord& port, const LaneRecord& lane,
                  const Rate& rate) {
  Provider& provider = *TRY(providers.named(lane.provider));
  return provider.set_rate(port, lane, rate);
}

void add_failure(std::string& failures, const LaneRecord& lane, const Result<>& done) {
  failures +=
      fmt::format("{}lane {}: {}", failures.empty() ? "" : "; ", lane.id, done.error().message());
}

Result<> outcome_of(const PortRecord& port, const std::string& failures) {
  if (failures.empty()) return {};
  return Error(Code::busy,
               fmt::format("change rates on port {}: {}", port_label(port.port), failures));
}

}  // namespace

Result<std::vector<Rate>> plan_rates(const PortRecord& port, const SetAside& aside) {
  const DriverCapability& capability = capability_of(port.driver);
  const std::vector<Promise> promises =
      promises_on({.port = port.port, .capability = capability, .lanes = port.lanes}, aside);
  // What was promised before the node kept more back stays promised.
  const BitRate usable = std::min(port.line_rate, std::max(port.usable(), sum_of(promises)));
  PortShare share{.line_rate = port.line_rate, .usable = usable, .promised_elsewhere = {}};
  for (const Promise& promise : promises) {
    if (!promise.taken) share.promised_elsewhere += promise.cost;
  }
  return in_force(capability, share, rates_asked(port)).context("port {}", port_label(port.port));
}

Result<> settle(PortRecord& port, const SetAside& aside, const ProviderSet& providers,
                Rewrite rewrite) {
  const std::vector<Rate> planned = TRY(plan_rates(port, aside));
  for (const std::size_t i : order_of(port, planned, rewrite)) {
    LaneRecord& lane = port.lanes[i];
    if (lane.phase != Phase::reserved) {
      TRY(set_rate(providers, port, lane, planned[i])
              .context("change rate of lane {} on port {}", lane.id, port_label(port.port)));
      crash_point("rates.one_changed");
    }
    lane.in_force = planned[i];
  }
  return {};
}

Result<> settle_each(PortRecord& port, const SetAside& aside, const ProviderSet& providers) {
  const std::vector<Rate> planned = TRY(plan_rates(port, aside));
  std::string failures;
  bool may_raise = true;
  for (const std::size_t i : order_of(port, planned, Rewrite::changed)) {
    LaneRecord& lane = port.lanes[i];
    const bool raises = !lowers({.before = lane.in_force, .after = planned[i]});
    if (raises && !may_raise) continue;
    if (const Result<> done = set_rate(providers, port, lane, planned[i]); !done) {
      add_failure(failures, lane, done);
      may_raise = may_raise && raises;
      continue;
    }
    lane.in_force = planned[i];
    crash_point("rates.one_changed");
  }
  return outcome_of(port, failures);
}

Result<> rewrite(const PortRecord& port, const ProviderSet& providers) {
  std::vector<const LaneRecord*> lanes;
  for (const LaneRecord& lane : port.lanes) {
    if (lane.in_force != Rate()) lanes.push_back(&lane);
  }
  std::stable_partition(lanes.begin(), lanes.end(),
                        [](const LaneRecord* lane) { return lane->in_force.floor.is_zero(); });
  std::string failures;
  for (const LaneRecord* const lane : lanes) {
    Result<> done = set_rate(providers, port, *lane, Rate());
    crash_point("rates.one_taken_off");
    if (done) done = set_rate(providers, port, *lane, lane->in_force);
    if (!done) add_failure(failures, *lane, done);
  }
  return outcome_of(port, failures);
}

}  // namespace sluice
