#include "agent/grants/port_share.h"

#include <algorithm>

#include "pkg/bandwidth/port_capability.h"
#include "pkg/ledger/records.h"

namespace sluice {
namespace {

bool has(const std::vector<const Vf*>& vfs, std::string_view address) {
  return std::ranges::any_of(vfs, [&](const Vf* vf) { return vf->address.to_string() == address; });
}

int count(const std::vector<const Vf*>& vfs, VfState state) {
  return static_cast<int>(std::ranges::count(vfs, state, &Vf::state));
}

// Offers and lanes on VFs of other shares cost this one nothing until those shares are used up.
void count_promises(FrontEndShare& share, BitRate usable, const std::vector<const Vf*>& lent,
                    const PortRecord* record, const SetAside& aside) {
  BitRate on_ours;
  BitRate on_lent;
  BitRate all;
  for (const Promise& promise : promises_on(*share.hardware, record, aside)) {
    all += promise.cost;
    if (has(share.vfs, promise.lane)) on_ours += promise.cost;
    if (has(lent, promise.lane)) on_lent += promise.cost;
  }
  share.bandwidth = share.bandwidth - on_lent;
  share.promised = std::max(on_ours, all - (usable - share.bandwidth));
}

}  // namespace

std::vector<Promise> promises_on(const Port& port, const PortRecord* record,
                                 const SetAside& aside) {
  const std::string name = port.address.to_string();
  PromisedPort promised{.port = name, .capability = capability_of(port)};
  if (record != nullptr) promised.lanes = record->lanes;
  return promises_on(promised, aside);
}

Medium medium_of(LinkType type) {
  return type == LinkType::infiniband ? Medium::infiniband : Medium::ethernet;
}

BitRate line_rate_of(const Port& port, const PortRecord* record) {
  return port.line_rate.value_or(record == nullptr ? BitRate() : record->line_rate);
}

BitRate usable_of(const Port& port, const Config& config, BitRate line_rate) {
  const ProvisionRule* const rule = config.ports.rule_for(port);
  return rule == nullptr ? BitRate() : usable_part(rule->shares).of(line_rate);
}

Shares shares_of(const Port& port, const Config& config, BitRate line_rate) {
  const ProvisionRule* const rule = config.ports.rule_for(port);
  if (rule == nullptr) return {};
  std::vector<int> indices;
  indices.reserve(port.vfs.size());
  for (const Vf& vf : port.vfs) indices.push_back(vf.index);
  return divide_port(rule->shares, line_rate, indices);
}

std::vector<std::string> networks_of(const Port& port, std::span<const int> vfs,
                                     const Config& config) {
  std::vector<std::string> names;
  if (vfs.empty()) return names;
  for (const NetworkRule& rule : config.networks) {
    if (std::ranges::find(names, rule.name) != names.end()) continue;
    const bool is_for_all = std::ranges::all_of(
        vfs, [&](int vf) { return network_for(config.networks, rule.name, port, vf) != nullptr; });
    if (is_for_all) names.push_back(rule.name);
  }
  return names;
}

FrontEndShare port_share(FrontEndName front_end, const Port& port, const Config& config,
                         const PortRecord* record, const SetAside& aside) {
  FrontEndShare share{.hardware = &port, .capability = &capability_of(port)};
  share.line_rate = line_rate_of(port, record);
  const Shares parts = shares_of(port, config, share.line_rate);
  const Share& part = parts[static_cast<std::size_t>(front_end)];
  share.bandwidth = part.bandwidth;
  share.networks = networks_of(port, part.vfs, config);
  std::vector<const Vf*> lent;
  for (const Vf& vf : port.vfs) {
    if (!std::ranges::binary_search(part.vfs, vf.index)) continue;
    const std::string address = vf.address.to_string();
    if (std::ranges::find(aside.offers, address, &Offer::vf) != aside.offers.end()) {
      lent.push_back(&vf);
      continue;
    }
    share.vfs.push_back(&vf);
    if (grant_of(aside.grants, address)) continue;
    (find_lane(record, address) != nullptr ? share.leaving : share.free).push_back(&vf);
  }
  count_promises(share, usable_of(port, config, share.line_rate), lent, record, aside);
  return share;
}

NodePort node_port(const FrontEndShare& share) {
  const Port& port = *share.hardware;
  return {.name = port.address.to_string(),
          .link = port.link,
          .medium = medium_of(port.link_type),
          .numa_node = port.numa_node,
          .driver = std::string(share.capability->driver),
          .line_rate = share.line_rate,
          .usable = share.bandwidth,
          .promised = share.promised,
          .free_vfs = count(share.free, VfState::ready),
          .free_vfio_vfs = count(share.free, VfState::vfio),
          .networks = share.networks};
}

}  // namespace sluice
