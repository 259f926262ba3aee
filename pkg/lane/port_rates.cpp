#include "pkg/lane/port_rates.h"

#include <algorithm>
#include <iterator>

#include "pkg/bandwidth/plan.h"
#include "pkg/base/crash_point.h"

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

}  // namespace

const DriverCapability& capability_by_name(std::string_view driver) {
  return driver == htb_capability().driver ? htb_capability() : capability_of(driver);
}

const Offer* offer_of(const std::vector<Offer>& offers, std::string_view vf) {
  const auto found =
      std::find_if(offers.begin(), offers.end(), [&](const Offer& o) { return o.vf == vf; });
  return found == offers.end() ? nullptr : &*found;
}

PortBudget budget_of(const PortRecord& port, const std::vector<Offer>& offers) {
  const DriverCapability& capability = capability_by_name(port.driver);
  PortBudget budget{.port = std::string(port_label(port.port)),
                    .line_rate = port.line_rate,
                    .usable = port.usable(),
                    .promised = {}};
  for (const Offer& offer : offers) {
    if (offer.port == port.port) budget.promised += effective_promise(capability, offer.rate.floor);
  }
  for (const LaneRecord& lane : port.lanes) {
    if (offer_of(offers, lane.id) != nullptr) continue;
    budget.promised += effective_promise(capability, lane.asked.floor);
  }
  return budget;
}

Result<std::vector<Rate>> plan_rates(const PortRecord& port, const std::vector<Offer>& offers) {
  const DriverCapability& capability = capability_by_name(port.driver);
  const PortBudget budget = budget_of(port, offers);
  // What was promised before the node kept more back stays promised.
  const BitRate usable = std::min(port.line_rate, std::max(budget.usable, budget.promised));
  PortShare share{.line_rate = port.line_rate, .usable = usable, .promised_elsewhere = {}};
  for (const Offer& offer : offers) {
    const bool taken = std::any_of(port.lanes.begin(), port.lanes.end(),
                                   [&](const LaneRecord& lane) { return lane.id == offer.vf; });
    if (offer.port != port.port || taken) continue;
    share.promised_elsewhere += effective_promise(capability, offer.rate.floor);
  }
  return in_force(capability, share, rates_asked(port)).context("port {}", port_label(port.port));
}

Result<> settle(PortRecord& port, const std::vector<Offer>& offers, Provider& provider,
                Rewrite rewrite) {
  const std::vector<Rate> planned = TRY(plan_rates(port, offers));
  for (const std::size_t i : order_of(port, planned, rewrite)) {
    LaneRecord& lane = port.lanes[i];
    if (lane.phase != Phase::reserved) {
      TRY(provider.set_rate(port, lane, planned[i])
              .context("change rate of lane {} on port {}", lane.id, port_label(port.port)));
      crash_point("rates.one_changed");
    }
    lane.in_force = planned[i];
  }
  return {};
}

}  // namespace sluice
