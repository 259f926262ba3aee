#include "agent/classes/offer_reconciler.h"

#include <chrono>
#include <memory>
#include <utility>

#include "agent/classes/class_metrics.h"
#include "agent/classes/device_snapshot.h"
#include "agent/classes/stale_offers.h"

namespace sluice {
namespace {

using Clock = std::chrono::steady_clock;

std::string describe(const Rate& rate) {
  return fmt::format("{} to {}", to_string(rate.floor),
                     rate.ceiling.is_zero() ? "no ceiling" : to_string(rate.ceiling));
}

}  // namespace

Result<> OfferReconciler::reconcile(const NodeState& node) {
  const bool may_move = node.given && node.has_kubernetes;
  const OfferChange change =
      TRY(parts_.offers.advance({.inventory = node.inventory,
                                 .config = *node.config,
                                 .held = may_move ? &*node.given : nullptr,
                                 .healthy = healthy_,
                                 .view = may_move && node.kubernetes ? &*node.kubernetes : nullptr,
                                 .now = Clock::now(),
                                 .wanted = node.wanted}));
  tell(change);
  const std::vector<Offer> offers = parts_.offers.offers();
  TRY(publish(node, offers));
  tell_stale(node, offers);
  give_back(node.with_lanes);
  return {};
}

Result<> OfferReconciler::publish(const NodeState& node, const std::vector<Offer>& offers) {
  const auto snapshot =
      std::make_shared<const plugin::DeviceSnapshot>(make_snapshot(node, offers, ++generation_));
  TRY(parts_.plugin.publish(snapshot).context("publish what is offered"));
  healthy_ = healthy_by_class(*snapshot, *node.config);
  show_classes(parts_.metrics, node, offers, *snapshot);
  return {};
}

void OfferReconciler::tell_stale(const NodeState& node, const std::vector<Offer>& offers) {
  if (!node.given) return;
  auto now = stale_offers(offers, *node.config, node.inventory, node.in_use);
  for (const auto& [vf, why] : now) {
    if (stale_.contains(vf)) continue;
    announcer_.warn("a VF is offered only until its pod ends", {{"vf", vf}, {"reason", why}},
                    {.reason = "OfferWaitsForPod",
                     .action = "Withdraw",
                     .note = fmt::format("VF {} stays until its pod ends: {}", vf, why)});
  }
  stale_ = std::move(now);
}

// A kubelet that has just started lists no pod for some seconds, so a device whose lane is there,
// or that is held again, is not given back.
void OfferReconciler::give_back(const std::set<std::string>& with_lanes) {
  for (DeviceKey& device : parts_.allocated_vfs.take_released()) {
    released_.insert(std::move(device));
  }
  if (released_.empty()) return;
  std::erase_if(released_, [&](const DeviceKey& device) {
    if (with_lanes.contains(device.id)) return false;
    parts_.allocated_vfs.unless_held(device, [&] {
      const Result<> done = parts_.plugin.released(device);
      if (done) return;
      announcer_.log().warn("device-info file of a device was not removed",
                            {{"device", device.id}, {"reason", done.error().message()}});
    });
    return true;
  });
}

void OfferReconciler::tell(const OfferChange& change) {
  for (const Move& move : change.moves) tell(move);
  if (!change.found_in_file.empty()) {
    announcer_.log().error("the file of the offers was written again",
                           {{"reason", change.found_in_file}});
  }
  for (const std::string& port : change.locked) {
    const std::string what = "lock of " + port;
    if (!failures_.worth_telling(what, "locked", Clock::now())) continue;
    announcer_.log().warn("a port is locked, so no more is offered on it yet", {{"port", port}});
  }
  std::map<std::string, int> now;
  for (const ClassCount& counted : change.plan.classes) {
    if (!counted.is_short()) continue;
    now[counted.name] = counted.offered;
    const auto known = short_.find(counted.name);
    if (known != short_.end() && known->second == counted.offered) continue;
    announcer_.warn("class is below its minimum",
                    {{"class", counted.name}, {"offered", counted.offered}, {"min", counted.min}},
                    {.reason = "ClassBelowMinimum",
                     .action = "Offer",
                     .note = fmt::format("class '{}': {} VFs can be offered, its minimum is {}",
                                         counted.name, counted.offered, counted.min)});
  }
  short_ = std::move(now);
}

void OfferReconciler::tell(const Move& move) {
  parts_.metrics.add(metric::kOfferMoves, {to_string(move.kind)});
  const Log& log = announcer_.log();
  log.info("offer changed", {{"change", to_string(move.kind)},
                             {"vf", move.offer.vf},
                             {"port", move.offer.port},
                             {"class", move.offer.class_name},
                             {"rate", describe(move.offer.rate)}});
  if (move.kind != Move::Kind::unconfirmed) return;
  announcer_.warn_node(
      {.reason = "WithdrawalUnconfirmed",
       .action = "Withdraw",
       .note = fmt::format("VF {} stays in class '{}': Kubernetes did not take "
                           "note of its withdrawal within {} s",
                           move.offer.vf, move.offer.class_name, kWithdrawalTimeout.count())});
}

}  // namespace sluice
