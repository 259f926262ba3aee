#include "pkg/offers/node.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "pkg/bandwidth/port_capability.h"
#include "pkg/ledger/promises.h"
#include "pkg/ledger/records.h"

namespace sluice {
namespace {

using Names = std::set<std::string_view>;

Names offered_vfs(const std::vector<Offer>& offers) {
  Names names;
  for (const Offer& offer : offers) names.insert(offer.vf);
  return names;
}

std::string share_of(const Shares& shares, int index) {
  for (const FrontEndName front_end : kFrontEndNames) {
    const auto& vfs = shares[static_cast<std::size_t>(front_end)].vfs;
    if (std::find(vfs.begin(), vfs.end(), index) == vfs.end()) continue;
    return fmt::format("in the share of {}", to_string(front_end));
  }
  return "in no share";
}

std::string obstacle_of(VfState state) {
  switch (state) {
    case VfState::ready: return "";
    case VfState::away: return "another program has its link in another namespace";
    case VfState::unbound: return "it has no driver";
    case VfState::vfio: return "it is bound to vfio-pci";
    case VfState::pending: return "it has no link";
  }
  return "";
}

/// One port in the making.
class PortMaker {
 public:
  PortMaker(const Port& port, const ProvisionRule* rule, const PortRecord* record,
            const SetAside& aside, const Names& offered)
      : port_(port), rule_(rule), record_(record), aside_(aside), offered_(offered) {
    made_.hardware = &port;
    made_.capability = &capability_of(port);
    made_.line_rate = port.line_rate.value_or(record == nullptr ? BitRate() : record->line_rate);
    std::vector<int> indices;
    for (const Vf& vf : port.vfs) indices.push_back(vf.index);
    if (rule != nullptr) shares_ = divide_port(rule->shares, made_.line_rate, indices);
    made_.bandwidth = classes().bandwidth;
  }

  OfferPort make() {
    for (const Vf& vf : port_.vfs) made_.vfs.push_back(make_vf(vf));
    count_outside();
    return std::move(made_);
  }

 private:
  const Share& classes() const { return shares_[static_cast<std::size_t>(FrontEndName::classes)]; }

  bool is_ours(int index) const {
    return std::binary_search(classes().vfs.begin(), classes().vfs.end(), index);
  }

  const LaneRecord* lane_outside_offers(const std::string& vf) const {
    return offered_.contains(vf) ? nullptr : find_lane(record_, vf);
  }

  OfferVf make_vf(const Vf& vf) const {
    OfferVf made{
        .address = vf.address.to_string(), .index = vf.index, .use = VfUse::usable, .obstacle = {}};
    if (rule_ == nullptr || !is_ours(vf.index)) {
      made.use = VfUse::foreign;
      made.obstacle = rule_ == nullptr ? "no rule of the configuration selects the port"
                                       : share_of(shares_, vf.index);
      return made;
    }
    made.obstacle = obstacle_of(vf.state);
    if (const LaneRecord* const lane = lane_outside_offers(made.address); lane != nullptr) {
      made.obstacle =
          fmt::format("container {} has it outside of offers", lane->owner.container_id);
    }
    if (const FoundGrant granted = grant_of(aside_.grants, made.address)) {
      made.obstacle = fmt::format("it is granted to '{}'", granted.grant->name);
    }
    if (!made.obstacle.empty()) made.use = VfUse::blocked;
    return made;
  }

  // Lanes and grants on VFs of other shares cost the classes nothing until those shares are used
  // up.
  void count_outside() {
    BitRate on_ours;
    BitRate all;
    const std::string name = port_.address.to_string();
    PromisedPort promised{.port = name, .capability = *made_.capability};
    if (record_ != nullptr) promised.lanes = record_->lanes;
    for (const Promise& promise : promises_on(promised, aside_)) {
      if (promise.by == Promise::By::offer) continue;
      const auto vf = std::find_if(made_.vfs.begin(), made_.vfs.end(), [&](const OfferVf& each) {
        return each.address == promise.lane;
      });
      if (vf == made_.vfs.end()) continue;
      all += promise.cost;
      if (is_ours(vf->index)) on_ours += promise.cost;
    }
    made_.outside = std::max(on_ours, all - (made_.line_rate - made_.bandwidth));
  }

  const Port& port_;
  const ProvisionRule* rule_;
  const PortRecord* record_;
  const SetAside& aside_;
  const Names& offered_;
  Shares shares_;
  OfferPort made_;
};

}  // namespace

std::vector<OfferPort> offer_ports(const Inventory& inventory, const Config& config,
                                   std::span<const PortRecord> lanes, const SetAside& aside) {
  const Names offered = offered_vfs(aside.offers);
  std::vector<OfferPort> ports;
  for (const Port& port : inventory.ports) {
    const PortRecord* const record = find_record(lanes, port.address.to_string());
    ports.push_back(PortMaker(port, config.ports.rule_for(port), record, aside, offered).make());
  }
  return ports;
}

std::vector<std::string> held_by_lanes(std::span<const PortRecord> lanes,
                                       const std::vector<Offer>& offers) {
  const Names offered = offered_vfs(offers);
  std::vector<std::string> held;
  for (const PortRecord& record : lanes) {
    for (const LaneRecord& lane : record.lanes) {
      if (offered.contains(lane.id)) held.push_back(lane.id);
    }
  }
  std::sort(held.begin(), held.end());
  return held;
}

std::vector<Offer> with_lanes(std::vector<Offer> offers, std::span<const PortRecord> lanes) {
  std::set<std::string> offered;
  for (const Offer& offer : offers) offered.insert(offer.vf);
  for (const PortRecord& record : lanes) {
    for (const LaneRecord& lane : record.lanes) {
      if (lane.class_name.empty() || !offered.insert(lane.id).second) continue;
      offers.push_back(
          {.vf = lane.id, .port = record.port, .class_name = lane.class_name, .rate = lane.asked});
    }
  }
  return offers;
}

}  // namespace sluice
