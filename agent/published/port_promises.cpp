#include "agent/published/port_promises.h"

#include <algorithm>

#include "agent/grants/port_share.h"
#include "pkg/ledger/records.h"

namespace sluice {
namespace {

PortPromises promises_of(const Port& port, const PortRecord* record, const SetAside& aside) {
  PortPromises promises;
  for (const Promise& promise : promises_on(port, record, aside)) {
    VfPromise& each = promises[std::string(promise.lane)];
    each.cost = promise.cost;
    each.offer = offer_of(aside.offers, promise.lane);
    each.granted = grant_of(aside.grants, promise.lane);
    if (each.offer != nullptr) each.rate = each.offer->rate;
    if (each.granted) each.rate = each.granted.vf->rate;
  }
  if (record == nullptr) return promises;
  for (const LaneRecord& lane : record->lanes) {
    VfPromise& each = promises[lane.id];
    each.lane = &lane;
    if (each.offer == nullptr && !each.granted) each.rate = lane.asked;
  }
  return promises;
}

}  // namespace

std::vector<PortPromises> port_promises(const NodeState& node, const SetAside& aside) {
  std::vector<PortPromises> all;
  all.reserve(node.inventory.ports.size());
  for (const Port& port : node.inventory.ports) {
    all.push_back(promises_of(port, find_record(node.after, port.address.to_string()), aside));
  }
  return all;
}

}  // namespace sluice
