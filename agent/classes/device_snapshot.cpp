#include "agent/classes/device_snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "pkg/bandwidth/admission.h"
#include "pkg/bandwidth/port_capability.h"
#include "plugin/describe.h"

namespace sluice {
namespace {

class SnapshotMaker {
 public:
  SnapshotMaker(const NodeState& node, std::span<const Offer> offers)
      : node_(node), offers_(offers), had_lane_(lane_ids(node.before)) {
    for (const Port& port : node.inventory.ports) {
      for (const Vf& vf : port.vfs) vfs_[vf.address.to_string()] = {&port, &vf};
    }
    note_line_rates(node.before);
    note_line_rates(node.after);
  }

  plugin::DeviceSnapshot make(std::uint64_t generation) {
    plugin::DeviceSnapshot snapshot;
    snapshot.generation = generation;
    snapshot.locked_memory = node_.config->locked_memory;
    for (const ClassRule& rule : node_.config->classes_of(FrontEndName::classes)) {
      put_class(snapshot, rule.name, rule.rate.floor);
    }
    for (const Offer& offer : offers_) {
      put_class(snapshot, offer.class_name, offer.rate.floor).devices.push_back(device(offer));
    }
    for (const Port& port : node_.inventory.ports) snapshot.ports.push_back(place(port));
    return snapshot;
  }

 private:
  void note_line_rates(std::span<const PortRecord> records) {
    for (const PortRecord& record : records) line_rates_[record.port] = record.line_rate;
  }

  plugin::ClassDevices& put_class(plugin::DeviceSnapshot& snapshot, const std::string& name,
                                  BitRate floor) const {
    const std::string resource = node_.config->resource(name);
    const auto found =
        std::find_if(snapshot.classes.begin(), snapshot.classes.end(),
                     [&](const plugin::ClassDevices& known) { return known.resource == resource; });
    if (found != snapshot.classes.end()) return *found;
    snapshot.classes.push_back({.resource = resource, .floor = floor, .devices = {}});
    return snapshot.classes.back();
  }

  plugin::Device device(const Offer& offer) const {
    const auto found = vfs_.find(offer.vf);
    if (found == vfs_.end()) {
      return {.id = offer.vf,
              .port = offer.port,
              .unhealthy = "the port does not have it any more",
              .withdrawn = offer.state == OfferState::withdrawn};
    }
    const auto& [port, vf] = found->second;
    plugin::Device device = plugin::describe(*port, *vf);
    device.withdrawn = offer.state == OfferState::withdrawn;
    if (is_strange(offer.vf, vf->state)) {
      device.taken = "another program that has its link in another namespace";
    }
    return device;
  }

  // By either reading of the ledger.
  bool is_in_use(const std::string& vf) const {
    return node_.in_use.contains(vf) || had_lane_.contains(vf);
  }

  bool is_strange(const std::string& vf, VfState state) const {
    return node_.given.has_value() && state == VfState::away && !is_in_use(vf);
  }

  NodePort place(const Port& port) const {
    const std::string name = port.address.to_string();
    const auto last = line_rates_.find(name);
    const BitRate known = last == line_rates_.end() ? BitRate() : last->second;
    const ProvisionRule* const rule = node_.config->ports.rule_for(port);
    const UsablePart part = rule == nullptr ? UsablePart() : usable_part(rule->shares);
    NodePort place{.name = name,
                   .link = port.link,
                   .numa_node = port.numa_node,
                   .driver = port.driver,
                   .line_rate = port.line_rate.value_or(known)};
    place.usable = part.of(place.line_rate);
    const DriverCapability& capability = capability_of(port);
    for (const Offer& offer : offers_) {
      if (offer.port != name || !is_in_use(offer.vf)) continue;
      place.promised += effective_promise(capability, offer.rate.floor);
    }
    return place;
  }

  const NodeState& node_;
  std::span<const Offer> offers_;
  std::map<std::string, std::pair<const Port*, const Vf*>> vfs_;
  std::map<std::string, BitRate> line_rates_;
  std::set<std::string> had_lane_;  // Before the inventory was read.
};

}  // namespace

plugin::DeviceSnapshot make_snapshot(const NodeState& node, std::span<const Offer> offers,
                                     std::uint64_t generation) {
  return SnapshotMaker(node, offers).make(generation);
}

std::map<std::string, int> healthy_by_class(const plugin::DeviceSnapshot& snapshot,
                                            const Config& config) {
  std::map<std::string, int> counts;
  for (const plugin::ClassDevices& offered : snapshot.classes) {
    const std::optional<std::string> class_name = config.class_of(offered.resource);
    if (!class_name) continue;
    counts[*class_name] = static_cast<int>(
        std::count_if(offered.devices.begin(), offered.devices.end(), [](const auto& device) {
          return !device.withdrawn && device.unhealthy.empty() && device.taken.empty();
        }));
  }
  return counts;
}

}  // namespace sluice
