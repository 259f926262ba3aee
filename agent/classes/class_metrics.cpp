#include "agent/classes/class_metrics.h"

#include <set>
#include <string>

#include "pkg/metrics/gauge_values.h"

namespace sluice {
namespace {

void set_offers(Metrics& metrics, std::span<const Offer> offers,
                const std::set<std::string>& in_use) {
  Counts<3> counts;
  for (const Offer& offer : offers) {
    const bool taken = in_use.contains(offer.vf);
    const bool withdrawn = offer.state == OfferState::withdrawn;
    const std::string state = taken ? "taken" : withdrawn ? "withdrawing" : "free";
    ++counts[{offer.port, offer.class_name, state}];
  }
  metrics.replace(metric::kOffers, gauge_values(counts));
}

std::set<std::string> unhealthy_of(const plugin::DeviceSnapshot& snapshot) {
  std::set<std::string> vfs;
  for (const plugin::ClassDevices& offered : snapshot.classes) {
    for (const plugin::Device& device : offered.devices) {
      if (!device.unhealthy.empty()) vfs.insert(device.id);
    }
  }
  return vfs;
}

/// VFs by what they are used for.
struct Uses {
  const std::set<std::string>& in_use;
  std::set<std::string> unhealthy;
  std::set<std::string> offered;

  std::string of(const std::string& vf) const {
    if (in_use.contains(vf)) return "held";
    if (unhealthy.contains(vf)) return "unhealthy";
    return offered.contains(vf) ? "offered" : "free";
  }
};

void set_vfs(Metrics& metrics, const Inventory& inventory, const Uses& uses) {
  Counts<2> counts;
  for (const Port& port : inventory.ports) {
    const std::string name = port.address.to_string();
    for (const char* const state : {"free", "offered", "held", "unhealthy"}) {
      counts[{name, state}] = 0;
    }
    for (const Vf& vf : port.vfs) ++counts[{name, uses.of(vf.address.to_string())}];
  }
  metrics.replace(metric::kPortVfs, gauge_values(counts));
}

}  // namespace

void show_classes(Metrics& metrics, const NodeState& node, std::span<const Offer> offers,
                  const plugin::DeviceSnapshot& snapshot) {
  Uses uses{.in_use = node.in_use, .unhealthy = unhealthy_of(snapshot), .offered = {}};
  for (const Offer& offer : offers) uses.offered.insert(offer.vf);
  set_offers(metrics, offers, node.in_use);
  set_vfs(metrics, node.inventory, uses);
  Counts<1> usable;
  for (const NodePort& port : snapshot.ports) {
    usable[{port.name}] = bytes_per_second(port.usable);
  }
  metrics.replace(metric::kPortUsable, gauge_values(usable));
}

}  // namespace sluice
