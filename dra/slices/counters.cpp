#include "dra/slices/counters.h"

#include <algorithm>
#include <map>
#include <utility>

#include "dra/slices/device_name.h"
#include "dra/slices/port_device.h"

namespace sluice::dra {
namespace {

constexpr const char* kClasses = "classes";

const ClaimPort* port_of(const ClaimVf& vf, const ClaimNode& node) {
  const auto found = std::ranges::find_if(
      node.ports, [&](const ClaimPort& port) { return port.share.name == vf.port; });
  return found == node.ports.end() ? nullptr : &*found;
}

BitRate cost_of(const ClaimVf& vf, const ClaimPort& port) {
  return effective_promise(capability_of(port.share), vf.rate.floor);
}

}  // namespace

std::vector<CounterSet> consumed_by(const ClaimVf& vf, const ClaimNode& node) {
  const ClaimPort* const port = port_of(vf, node);
  if (port == nullptr) return {};
  CounterSet of_port{.name = port_device_name(vf.port), .counters = {{vf_name(vf.name), 1}}};
  const BitRate cost = cost_of(vf, *port);
  if (!cost.is_zero()) of_port.counters[kBandwidth] = cost.as_bits_per_second();
  std::vector<CounterSet> consumed = {std::move(of_port)};
  if (node.most.contains(vf.class_name)) {
    consumed.push_back({.name = kClasses, .counters = {{class_counter_name(vf.class_name), 1}}});
  }
  return consumed;
}

std::vector<CounterSet> counter_sets(const ClaimNode& node) {
  std::map<std::string, Counters> sets;
  for (const ClaimVf& vf : node.vfs) {
    const ClaimPort* const port = port_of(vf, node);
    if (port == nullptr) continue;
    Counters& of_port = sets[port_device_name(vf.port)];
    of_port[vf_name(vf.name)] = 1;
    if (!cost_of(vf, *port).is_zero()) {
      of_port[kBandwidth] = port->for_classes.as_bits_per_second();
    }
    const auto most = node.most.find(vf.class_name);
    if (most == node.most.end()) continue;
    sets[kClasses][class_counter_name(vf.class_name)] = static_cast<std::uint64_t>(most->second);
  }
  std::vector<CounterSet> all;
  all.reserve(sets.size());
  for (auto& [name, counters] : sets) {
    all.push_back({.name = name, .counters = std::move(counters)});
  }
  return all;
}

}  // namespace sluice::dra
