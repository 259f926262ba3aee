#include "agent/claims/claim_share.h"

#include <algorithm>

#include "pkg/bandwidth/port_capability.h"
#include "pkg/ledger/promises.h"
#include "pkg/ledger/records.h"

namespace sluice {
namespace {

Share share_of(const Port& port, const Config& config, BitRate line_rate) {
  const ProvisionRule* const rule = config.ports.rule_for(port);
  if (rule == nullptr) return {};
  std::vector<int> indices;
  for (const Vf& vf : port.vfs) indices.push_back(vf.index);
  const Shares shares = divide_port(rule->shares, line_rate, indices);
  return shares[static_cast<std::size_t>(FrontEndName::claims)];
}

bool has(const std::vector<const Vf*>& vfs, std::string_view address) {
  return std::ranges::any_of(vfs, [&](const Vf* vf) { return vf->address.to_string() == address; });
}

// Lanes and offers on VFs of other shares cost claims nothing until those shares are used up.
BitRate promised_of(const ClaimShare& share, const PortRecord* record, const SetAside& aside) {
  const std::string name = share.hardware->address.to_string();
  PromisedPort port{.port = name, .capability = *share.capability};
  if (record != nullptr) port.lanes = record->lanes;
  BitRate on_ours;
  BitRate all;
  for (const Promise& promise : promises_on(port, aside)) {
    all += promise.cost;
    if (has(share.vfs, promise.lane)) on_ours += promise.cost;
  }
  return std::max(on_ours, all - (share.line_rate - share.bandwidth));
}

Medium medium_of(LinkType type) {
  return type == LinkType::infiniband ? Medium::infiniband : Medium::ethernet;
}

}  // namespace

ClaimShare claim_share(const Port& port, const Config& config, const PortRecord* record,
                       const SetAside& aside) {
  ClaimShare share{.hardware = &port, .capability = &capability_of(port)};
  share.line_rate = port.line_rate.value_or(record == nullptr ? BitRate() : record->line_rate);
  const Share part = share_of(port, config, share.line_rate);
  share.bandwidth = part.bandwidth;
  for (const Vf& vf : port.vfs) {
    if (!std::ranges::binary_search(part.vfs, vf.index)) continue;
    share.vfs.push_back(&vf);
    const std::string address = vf.address.to_string();
    const bool is_offered =
        std::ranges::find(aside.offers, address, &Offer::vf) != aside.offers.end();
    if (is_offered || grant_of(aside.grants, address)) continue;
    const bool has_lane =
        record != nullptr && std::ranges::any_of(record->lanes, [&](const LaneRecord& lane) {
          return lane.id == address;
        });
    (has_lane ? share.leaving : share.free).push_back(&vf);
  }
  share.promised = promised_of(share, record, aside);
  return share;
}

dra::ClaimPort published(const ClaimShare& share, const Config& config) {
  const Port& port = *share.hardware;
  const NetworkRule* const network =
      share.vfs.empty() ? nullptr : network_for(config.networks, "", port, share.vfs[0]->index);
  return {.share = {.name = port.address.to_string(),
                    .link = port.link,
                    .medium = medium_of(port.link_type),
                    .numa_node = port.numa_node,
                    .driver = std::string(share.capability->driver),
                    .line_rate = share.line_rate,
                    .usable = share.bandwidth,
                    .promised = share.promised,
                    .free_vfs = static_cast<int>(share.free.size())},
          .vfs = static_cast<int>(share.vfs.size()),
          .carrier = port.carrier,
          .driver = port.driver,
          .pcie_root = port.pcie_root,
          .rdma_device = port.rdma_device,
          .eswitch_mode = port.eswitch_mode ? std::string(to_string(*port.eswitch_mode)) : "",
          .network = network == nullptr ? std::string() : network->name};
}

std::vector<dra::ClaimPort> claim_ports(const Inventory& inventory, const Config& config,
                                        std::span<const PortRecord> records,
                                        const SetAside& aside) {
  std::vector<dra::ClaimPort> ports;
  for (const Port& port : inventory.ports) {
    if (port.state != PortState::ready) continue;
    const ClaimShare share =
        claim_share(port, config, find_record(records, port.address.to_string()), aside);
    if (!share.vfs.empty()) ports.push_back(published(share, config));
  }
  return ports;
}

}  // namespace sluice
