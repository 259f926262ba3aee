#include "pkg/ledger/promises.h"

#include <algorithm>
#include <numeric>

namespace sluice {

namespace {

using By = Promise::By;

void add_set_aside(std::vector<Promise>& promises, const PromisedPort& port,
                   const SetAside& aside) {
  const auto add = [&](std::string_view vf, const Rate& rate, By by) {
    const BitRate cost = effective_promise(port.capability, rate.floor);
    promises.push_back({.lane = vf, .cost = cost, .by = by});
  };
  for (const Offer& offer : aside.offers) {
    if (offer.port == port.port) add(offer.vf, offer.rate, By::offer);
  }
  for (const Grant& grant : aside.grants) {
    for (const GrantedVf& granted : grant.vfs) {
      if (granted.port == port.port) add(granted.vf, granted.rate, By::grant);
    }
  }
}

bool by_lane(const Promise& a, const Promise& b) {
  return a.lane < b.lane;
}

}  // namespace

std::vector<Promise> promises_on(const PromisedPort& port, const SetAside& aside) {
  std::vector<Promise> promises;
  add_set_aside(promises, port, aside);
  std::sort(promises.begin(), promises.end(), by_lane);
  const auto set_aside = static_cast<std::ptrdiff_t>(promises.size());
  for (const LaneRecord& lane : port.lanes) {
    const auto end = promises.begin() + set_aside;
    const auto made = std::lower_bound(promises.begin(), end, Promise{.lane = lane.id}, by_lane);
    if (made != end && made->lane == lane.id) {
      made->taken = true;
      continue;
    }
    const BitRate cost = effective_promise(port.capability, lane.asked.floor);
    promises.push_back({.lane = lane.id, .cost = cost, .by = By::lane, .taken = true});
  }
  return promises;
}

BitRate sum_of(const std::vector<Promise>& promises) {
  return std::accumulate(promises.begin(), promises.end(), BitRate(),
                         [](BitRate sum, const Promise& promise) { return sum + promise.cost; });
}

PortBudget budget_of(const PortRecord& port, const SetAside& aside) {
  const DriverCapability& capability = capability_of(port.driver);
  const PromisedPort promised{.port = port.port, .capability = capability, .lanes = port.lanes};
  return {.port = std::string(port_label(port.port)),
          .line_rate = port.line_rate,
          .usable = port.usable(),
          .promised = sum_of(promises_on(promised, aside))};
}

}  // namespace sluice
