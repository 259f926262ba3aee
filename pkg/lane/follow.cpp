// A port's wire may come back with another speed, or without the rates that its driver still
// reports. Looked at each second, so that a port in order costs three small reads.
#include <algorithm>

#include "pkg/base/crash_point.h"
#include "pkg/inventory/device.h"
#include "pkg/lane/lanes.h"
#include "pkg/lane/port_rates.h"
#include "pkg/lane/release.h"

namespace sluice {
namespace {

bool is_divided(const PortRecord& port, const SetAside& aside) {
  const Result<std::vector<Rate>> planned = plan_rates(port, aside);
  return planned &&
         std::equal(planned->begin(), planned->end(), port.lanes.begin(),
                    [](const Rate& rate, const LaneRecord& lane) { return rate == lane.in_force; });
}

}  // namespace

// None of whose lanes an attach or a release is at: that one divides the port itself.
bool Lanes::is_followed(const PortRecord& port) const {
  const auto is_at_rest = [this](const LaneRecord& lane) {
    return providers_.find(lane.provider) != nullptr && is_settled(lane);
  };
  return !port.lanes.empty() && std::all_of(port.lanes.begin(), port.lanes.end(), is_at_rest) &&
         capability_of(port.driver).ceiling != CeilingEnforcement::none;
}

Result<PortNews> Lanes::follow(const std::string& port) {
  const PortRecord seen = TRY(ledger_.peek(port));
  PortNews news;
  const Result<PciAddress> address = PciAddress::parse(port);
  // An uplink of software lanes has the line rate that they came with.
  if (!address || !is_followed(seen)) return news;
  SetAside aside = TRY(aside_.peek());
  news.budget = budget_of(seen, aside);
  // Unknown while the port's link is in another namespace: then nothing can be written either.
  const auto changes = TRY(carrier_changes(sysfs_, *address));
  if (!changes) return news;
  if (changes == seen.carrier_changes && is_divided(seen, aside)) return news;

  LockedPort locked = TRY(ledger_.lock(port, kRepairTimeout));
  if (!is_followed(locked.record())) return news;
  return catch_up(locked, *address, *changes);
}

Result<PortNews> Lanes::catch_up(LockedPort& locked, PciAddress address, std::uint64_t changes) {
  PortRecord& port = locked.record();
  PortNews news;
  const SetAside aside = TRY(aside_.peek());
  const bool was_away = port.carrier_changes != changes;
  if (was_away) {
    const std::optional<BitRate> rate = TRY(line_rate(sysfs_, address));
    news.budget = budget_of(port, aside);
    if (!rate) return news;  // No carrier: what it comes back with decides.
    if (*rate != port.line_rate) news.line_rate_before = port.line_rate;
    port.line_rate = *rate;
  }
  news.budget = budget_of(port, aside);
  Result<> done = settle_each(port, aside, providers_);
  if (done && was_away && capability_of(port.driver).reports_lost_rates) {
    done = rewrite(port, providers_);
    if (done) news.rewritten = port.lanes;
  }
  // Not before all is written: what failed is tried again.
  if (done) port.carrier_changes = changes;
  TRY(locked.save());
  crash_point("follow.saved");
  if (news.line_rate_before) news.lanes = port.lanes;
  if (!done) news.failure = done.error().message();
  return news;
}

}  // namespace sluice
