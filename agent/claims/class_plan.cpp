#include "agent/claims/class_plan.h"

#include <algorithm>

#include "dra/slices/claim_node.h"
#include "pkg/bandwidth/admission.h"
#include "pkg/offers/offer_plan.h"

namespace sluice {
namespace {

OfferPort offer_port(const FrontEndShare& share) {
  OfferPort port{.hardware = share.hardware,
                 .capability = share.capability,
                 .line_rate = share.line_rate,
                 .bandwidth = share.bandwidth,
                 .outside = {},
                 .vfs = {}};
  port.vfs.reserve(share.vfs.size());
  for (const Vf* const vf : share.vfs) {
    port.vfs.push_back({.address = vf->address.to_string(),
                        .index = vf->index,
                        .use = VfUse::usable,
                        .obstacle = {}});
  }
  return port;
}

// Whether what the classes leave is worth a device of the port.
bool leaves_something(const ClassPart& part, const FrontEndShare& share) {
  if (part.vfs.size() >= share.vfs.size()) return false;
  if (share.capability->floor == FloorEnforcement::none) return true;
  const BitRate least = effective_promise(*share.capability, BitRate::bits_per_second(1));
  return part.bandwidth + least <= share.bandwidth;
}

void take_all(const FrontEndShare& share, std::span<const ClassRule> classes, const Config& config,
              ClassPart& part) {
  part.bandwidth = share.bandwidth;
  for (const Vf* const vf : share.vfs) {
    if (part.vfs.size() >= dra::kMostClassVfs) return;
    const bool is_for_any = std::ranges::any_of(
        classes, [&](const ClassRule& rule) { return can_have(rule, share, *vf, config); });
    if (is_for_any) part.vfs.insert(vf->address.to_string());
  }
}

ClassPart part_of(const FrontEndShare& share, std::span<const Offer> offers) {
  const std::string port = share.hardware->address.to_string();
  ClassPart part;
  for (const Offer& offer : offers) {
    if (offer.port != port || part.vfs.size() >= dra::kMostClassVfs) continue;
    part.vfs.insert(offer.vf);
    part.planned.emplace(offer.vf, offer.class_name);
    part.bandwidth += effective_promise(*share.capability, offer.rate.floor);
  }
  return part;
}

}  // namespace

bool can_have(const ClassRule& rule, const FrontEndShare& share, const Vf& vf,
              const Config& config) {
  const Port& port = *share.hardware;
  return rule.may_use(port, vf.index) &&
         validate(*share.capability, share.line_rate, rule.rate).has_value() &&
         (rule.network.empty() ||
          network_for(config.networks, rule.network, port, vf.index) != nullptr);
}

std::vector<ClassPart> plan_classes(std::span<const FrontEndShare> shares, const Config& config) {
  const std::vector<ClassRule> classes = config.classes_of(FrontEndName::claims);
  if (classes.empty()) return std::vector<ClassPart>(shares.size());
  std::vector<OfferPort> ports;
  ports.reserve(shares.size());
  for (const FrontEndShare& share : shares) ports.push_back(offer_port(share));
  const OfferPlan plan = plan_offers(
      {.ports = ports, .classes = classes, .current = {}, .held = {}, .networks = config.networks});
  std::vector<ClassPart> parts;
  parts.reserve(shares.size());
  for (const FrontEndShare& share : shares) {
    ClassPart& part = parts.emplace_back(part_of(share, plan.offers));
    if (!part.vfs.empty() && !leaves_something(part, share)) {
      take_all(share, classes, config, part);
    }
  }
  return parts;
}

}  // namespace sluice
