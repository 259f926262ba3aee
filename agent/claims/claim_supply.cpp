#include "agent/claims/claim_supply.h"

#include <algorithm>
#include <set>

#include "agent/claims/claim_port.h"
#include "agent/claims/class_plan.h"
#include "agent/grants/port_share.h"
#include "dra/slices/device_name.h"
#include "pkg/bandwidth/admission.h"
#include "pkg/ledger/records.h"

namespace sluice {
namespace {

/// What claims hold of a port, by what they were allocated.
struct Held {
  std::set<std::string> vfs_of_device;            // Shares of the port's device.
  std::map<std::string, std::string> of_classes;  // VF -> device
  BitRate by_device;
  BitRate by_classes;
};

Held held_on(const FrontEndShare& share, const SetAside& aside) {
  const std::string port = share.hardware->address.to_string();
  const std::string device = dra::port_device_name(port);
  Held held;
  for (const Grant& grant : aside.grants) {
    if (grant.kind != Grant::Kind::claim) continue;
    for (const GrantedVf& vf : grant.vfs) {
      if (vf.port != port) continue;
      const BitRate cost = effective_promise(*share.capability, vf.rate.floor);
      if (vf.device.empty() || vf.device == device) {
        held.vfs_of_device.insert(vf.vf);
        held.by_device += cost;
      } else {
        held.of_classes.emplace(vf.vf, vf.device);
        held.by_classes += cost;
      }
    }
  }
  return held;
}

BitRate less(BitRate from, BitRate what) {
  return from - std::min(from, what);
}

using Unfit = std::map<std::string, std::string>;  // VF -> why

/// Adds one port to what there is.
class SupplyMaker {
 public:
  SupplyMaker(const Config& config, const SetAside& aside, const Unfit& unfit, ClaimSupply& supply)
      : config_(config),
        aside_(aside),
        unfit_(unfit),
        classes_(config.classes_of(FrontEndName::claims)),
        supply_(supply) {}

  void add(const FrontEndShare& share, const ClassPart& part) {
    const Held held = held_on(share, aside_);
    std::size_t set_aside = 0;
    for (const Vf* const vf : share.vfs) {
      const std::string name = vf->address.to_string();
      const bool is_ours = set_aside < dra::kMostClassVfs && is_for_classes(name, part, held);
      if (is_ours) ++set_aside;
      for (const ClassRule& rule : classes_) {
        if (!can_have(rule, share, *vf, config_)) continue;
        name_vf(share, *vf, rule, is_ours);
        if (is_ours) add_vf(share, *vf, rule, planned_device(name, part, held));
      }
    }
    add_port(share, part, held, set_aside);
  }

 private:
  static bool is_for_classes(const std::string& vf, const ClassPart& part, const Held& held) {
    return held.of_classes.contains(vf) ||
           (part.vfs.contains(vf) && !held.vfs_of_device.contains(vf));
  }

  // A VF that a claim has stays under the class of that claim.
  static std::string planned_device(const std::string& vf, const ClassPart& part,
                                    const Held& held) {
    if (const auto has = held.of_classes.find(vf); has != held.of_classes.end()) return has->second;
    const auto planned = part.planned.find(vf);
    return planned == part.planned.end() ? std::string() : dra::vf_device_name(vf, planned->second);
  }

  void name_vf(const FrontEndShare& share, const Vf& vf, const ClassRule& rule, bool is_ours) {
    supply_.devices.emplace(dra::vf_device_name(vf.address.to_string(), rule.name),
                            ClaimDevice{.port = share.hardware->address,
                                        .vf = vf.address,
                                        .rule = rule,
                                        .is_set_aside = is_ours});
  }

  void add_vf(const FrontEndShare& share, const Vf& vf, const ClassRule& rule,
              const std::string& planned) {
    const Port& port = *share.hardware;
    const std::string name = vf.address.to_string();
    const NetworkRule* const network = network_for(config_.networks, rule.network, port, vf.index);
    supply_.vfs.push_back({.name = name,
                           .port = port.address.to_string(),
                           .class_name = rule.name,
                           .rate = rule.rate,
                           .is_planned = dra::vf_device_name(name, rule.name) == planned,
                           .is_usable = port.state == PortState::ready && !unfit_.contains(name),
                           .network = network == nullptr ? std::string() : network->name});
    if (rule.max) supply_.most[rule.name] = *rule.max;
  }

  void add_port(const FrontEndShare& share, const ClassPart& part, const Held& held,
                std::size_t set_aside) {
    const PciAddress address = share.hardware->address;
    supply_.devices.emplace(
        dra::port_device_name(address.to_string()),
        ClaimDevice{.port = address, .vf = {}, .rule = {}, .is_set_aside = false});
    dra::ClaimPort port = published(share, config_);
    port.for_classes =
        std::max(std::min(part.bandwidth, less(share.bandwidth, held.by_device)), held.by_classes);
    port.share.usable = less(share.bandwidth, port.for_classes);
    port.share.promised = less(share.promised, held.by_classes);
    const auto lost = static_cast<int>(std::ranges::count_if(share.free, [&](const Vf* vf) {
      const std::string name = vf->address.to_string();
      return unfit_.contains(name) && !is_for_classes(name, part, held);
    }));
    port.vfs -= static_cast<int>(set_aside) + lost;
    supply_.ports.push_back(std::move(port));
  }

  const Config& config_;
  const SetAside& aside_;
  const Unfit& unfit_;
  const std::vector<ClassRule> classes_;
  ClaimSupply& supply_;
};

}  // namespace

ClaimSupply claim_supply(const Inventory& inventory, const Config& config,
                         std::span<const PortRecord> records, const SetAside& aside,
                         const Unfit& unfit) {
  std::vector<FrontEndShare> shares;
  for (const Port& port : inventory.ports) {
    FrontEndShare share = port_share(FrontEndName::claims, port, config,
                                     find_record(records, port.address.to_string()), aside);
    if (!share.vfs.empty()) shares.push_back(std::move(share));
  }
  const std::vector<ClassPart> parts = plan_classes(shares, config);
  ClaimSupply supply;
  SupplyMaker maker(config, aside, unfit, supply);
  for (std::size_t i = 0; i < shares.size(); ++i) maker.add(shares[i], parts[i]);
  return supply;
}

void mark_locked(const std::map<std::string, std::string>& locked, ClaimSupply& supply) {
  for (dra::ClaimPort& port : supply.ports) {
    const auto found = locked.find(port.share.name);
    if (found != locked.end() && port.trouble.empty()) port.trouble = found->second;
  }
  for (dra::ClaimVf& vf : supply.vfs) {
    if (locked.contains(vf.port)) vf.is_usable = false;
  }
}

std::string resource_of(const GrantedVf& granted, const Config& config) {
  for (const ClassRule& rule : config.classes_of(FrontEndName::claims)) {
    const bool is_it = dra::vf_device_name(granted.vf, rule.name) == granted.device;
    if (is_it) return config.resource(rule.name);
  }
  return "";
}

void add_health(const ClaimSupply& supply, const Unfit& unfit, const std::string& pool,
                dra::HealthBook& book) {
  for (const dra::ClaimVf& vf : supply.vfs) {
    dra::DeviceHealth health = book.devices[{pool, dra::port_device_name(vf.port)}];
    if (const auto why = unfit.find(vf.name); why != unfit.end()) {
      health.health = dra::Health::unhealthy;
      health.message = fmt::format("VF {}: {}", vf.name, why->second);
    }
    book.devices[{pool, dra::vf_device_name(vf.name, vf.class_name)}] = std::move(health);
  }
}

}  // namespace sluice
