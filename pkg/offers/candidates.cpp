#include "pkg/offers/candidates.h"

#include <algorithm>
#include <bit>
#include <map>
#include <tuple>

#include "pkg/bandwidth/admission.h"

namespace sluice {
namespace {

constexpr ClassSet bit(std::size_t class_index) {
  return ClassSet{1} << class_index;
}

// A lane without the addresses of its class's network is not what a pod asked for.
bool has_network(const OfferInput& input, const ClassRule& rule, const OfferPort& port, int vf) {
  return rule.network.empty() ||
         network_for(input.networks, rule.network, *port.hardware, vf) != nullptr;
}

// The VFs of the port that the class selects, at a price of one look at the port for all of them.
void select_class(const OfferInput& input, std::size_t class_index, PortCandidates& candidates) {
  const ClassRule& rule = input.classes[class_index];
  for (const VfSelector& selector : rule.select) {
    VfSelector port_only = selector;
    port_only.vfs.reset();
    if (!port_only.matches(*candidates.port->hardware, 0)) continue;
    for (std::size_t i = 0; i < candidates.selected.size(); ++i) {
      const int vf = candidates.port->vfs[i].index;
      const bool in = !selector.vfs || selector.vfs->contains(vf);
      if (in && has_network(input, rule, *candidates.port, vf)) {
        candidates.selected[i] |= bit(class_index);
      }
    }
  }
}

// A VF that few can use goes first, so that those which many can use stay for the others; of equals
// the one that the class has already, and last those that another class would have to give up.
std::vector<std::size_t> order_of(const PortCandidates& candidates, std::size_t class_index) {
  std::vector<std::size_t> vfs;
  for (std::size_t vf = 0; vf < candidates.selected.size(); ++vf) {
    const bool own = candidates.port->vfs[vf].use != VfUse::foreign;
    if (own && (candidates.selected[vf] & bit(class_index)) != 0) vfs.push_back(vf);
  }
  const auto rank = [&](std::size_t vf) {
    const int now = candidates.now[vf];
    if (now == static_cast<int>(class_index)) return 0;
    return now == kNoClass ? 1 : 2;
  };
  const auto key = [&](std::size_t vf) { return std::tuple(candidates.rivals[vf], rank(vf), vf); };
  std::sort(vfs.begin(), vfs.end(), [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
  return vfs;
}

}  // namespace

Candidates::Candidates(const OfferInput& input) : input_(input) {
  std::map<std::optional<int>, std::size_t> numa;
  for (const OfferPort& port : input.ports) {
    PortCandidates candidates = lay_out(port);
    candidates.numa = numa.emplace(port.hardware->numa_node, numa.size()).first->second;
    for (std::size_t i = 0; i < port.vfs.size(); ++i) {
      places_.emplace(port.vfs[i].address, VfPlace{ports_.size(), i});
    }
    ports_.push_back(std::move(candidates));
  }
  numa_nodes_ = numa.size();
  for (const Offer& offer : input.current) {
    const auto place = find(offer.vf);
    const bool stays = offer.state == OfferState::offered;
    if (place && stays) ports_[place->port].now[place->vf] = class_of(offer.class_name);
  }
  for (PortCandidates& candidates : ports_) order(candidates);
}

PortCandidates Candidates::lay_out(const OfferPort& port) const {
  PortCandidates candidates{.port = &port,
                            .numa = 0,
                            .is_open = port.can_promise(),
                            .selected = std::vector<ClassSet>(port.vfs.size()),
                            .now = std::vector<int>(port.vfs.size(), kNoClass),
                            .classes = std::vector<ClassOnPort>(input_.classes.size())};
  select(candidates);
  serve(candidates);
  return candidates;
}

void Candidates::select(PortCandidates& candidates) const {
  for (std::size_t i = 0; i < input_.classes.size(); ++i) {
    select_class(input_, i, candidates);
  }
}

void Candidates::serve(PortCandidates& candidates) const {
  if (!candidates.is_open) return;
  for (std::size_t i = 0; i < input_.classes.size(); ++i) {
    const Rate& rate = input_.classes[i].rate;
    ClassOnPort& on_port = candidates.classes[i];
    const auto valid = validate(*candidates.port->capability, candidates.port->line_rate, rate);
    on_port.served = valid.has_value();
    if (valid) candidates.served |= bit(i);
    if (!valid) on_port.refusal = valid.error().message();
    on_port.promise = effective_promise(*candidates.port->capability, rate.floor);
  }
}

void Candidates::order(PortCandidates& candidates) {
  for (const ClassSet selected : candidates.selected) {
    candidates.rivals.push_back(std::popcount(selected & candidates.served));
  }
  for (std::size_t i = 0; i < candidates.classes.size(); ++i) {
    if (candidates.classes[i].served) candidates.classes[i].order = order_of(candidates, i);
  }
}

int Candidates::class_of(std::string_view name) const {
  for (std::size_t i = 0; i < input_.classes.size(); ++i) {
    if (input_.classes[i].name == name) return static_cast<int>(i);
  }
  return kNoClass;
}

std::optional<VfPlace> Candidates::find(std::string_view vf) const {
  const auto found = places_.find(vf);
  if (found == places_.end()) return std::nullopt;
  return found->second;
}

}  // namespace sluice
