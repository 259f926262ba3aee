#include "pkg/offers/moves.h"

#include <algorithm>

#include "pkg/bandwidth/admission.h"
#include "pkg/ledger/promises.h"

namespace sluice {
namespace {

using Kind = Move::Kind;

const Offer* find(std::span<const Offer> offers, std::string_view vf) {
  const auto found =
      std::find_if(offers.begin(), offers.end(), [&](const Offer& o) { return o.vf == vf; });
  return found == offers.end() ? nullptr : &*found;
}

int count_of(const std::map<std::string, int>& counts, const std::string& class_name) {
  const auto found = counts.find(class_name);
  return found == counts.end() ? 0 : found->second;
}

}  // namespace

/// The parts of a step, in the order in which they are made: what gives room first.
class StepInMaking {
 public:
  StepInMaking(OfferMover& mover, const MoveInput& input)
      : mover_(mover), input_(input), held_(input.held.begin(), input.held.end()) {
    for (const Offer& offer : input.desired) desired_.emplace(offer.vf, &offer);
    for (const OfferPort& port : input.ports) {
      ports_.emplace(port.hardware->address.to_string(), &port);
    }
  }

  MoveStep make() {
    mover_.wants_view_ = false;
    for (const Offer& offer : input_.current) {
      if (offer.state == OfferState::withdrawn) {
        judge(offer);
      } else {
        keep_or_withdraw(offer);
      }
    }
    count_promises();
    rerate();
    offer_new();
    forget_the_past();
    return std::move(step_);
  }

 private:
  void put(Offer offer, OfferState state) {
    offer.state = state;
    step_.offers.push_back(std::move(offer));
  }

  void put(Offer offer, OfferState state, Kind kind) {
    put(std::move(offer), state);
    step_.moves.push_back({kind, step_.offers.back()});
  }

  bool is_wanted(const Offer& offer) const {
    const auto wanted = desired_.find(offer.vf);
    return wanted != desired_.end() && wanted->second->class_name == offer.class_name;
  }

  bool is_confirmed(const Offer& offer, MoveClock::time_point since) const {
    if (input_.view == nullptr || input_.now - since < kListTime) return false;
    if (input_.view->kubelet.contains({offer.class_name, offer.vf})) return false;
    return count_of(input_.view->published, offer.class_name) <=
           count_of(input_.healthy, offer.class_name);
  }

  void judge(const Offer& offer) {
    const auto since = mover_.since_.emplace(offer.vf, input_.now).first->second;
    if (held_.contains(offer.vf) || is_wanted(offer)) {
      put(offer, OfferState::offered, Kind::cancelled);
    } else if (is_confirmed(offer, since)) {
      step_.moves.push_back({Kind::gone, offer});
    } else if (input_.now - since >= kWithdrawalTimeout) {
      mover_.paused_[offer.vf] = input_.now + kWithdrawalPause;
      put(offer, OfferState::offered, Kind::unconfirmed);
    } else {
      put(offer, OfferState::withdrawn);
    }
  }

  void keep_or_withdraw(const Offer& offer) {
    const auto pause = mover_.paused_.find(offer.vf);
    const bool paused = pause != mover_.paused_.end() && input_.now < pause->second;
    if (is_wanted(offer) || held_.contains(offer.vf) || paused) {
      put(offer, OfferState::offered);
    } else if (input_.view == nullptr) {
      mover_.wants_view_ = true;
      put(offer, OfferState::offered);
    } else {
      mover_.since_[offer.vf] = input_.now;
      put(offer, OfferState::withdrawn, Kind::withdrawn);
    }
  }

  const OfferPort* port_of(const Offer& offer) const {
    const auto port = ports_.find(offer.port);
    return port == ports_.end() ? nullptr : port->second;
  }

  void count_promises() {
    for (const auto& [name, port] : ports_) {
      const PromisedPort offered{.port = name, .capability = *port->capability};
      promised_[name] = sum_of(promises_on(offered, {.offers = step_.offers}));
    }
  }

  // Replaces a promise on the port by another when that fits.
  bool promise(const Offer& offer, BitRate before, BitRate after) {
    const OfferPort* const port = port_of(offer);
    const bool may_grow = !input_.locked.contains(offer.port);
    if (port == nullptr || !port->can_promise() || !may_grow) return false;
    BitRate& promised = promised_[offer.port];
    const BitRate sum = (promised - before) + after;
    if (after > before && sum > port->bandwidth - port->outside) return false;
    promised = sum;
    return true;
  }

  void rerate() {
    for (Offer& offer : step_.offers) {
      const bool settled = offer.state == OfferState::offered && is_wanted(offer);
      if (!settled || held_.contains(offer.vf)) continue;
      const Rate rate = desired_.find(offer.vf)->second->rate;
      const OfferPort* const port = port_of(offer);
      if (rate == offer.rate || port == nullptr) continue;
      const DriverCapability& capability = *port->capability;
      if (!promise(offer, effective_promise(capability, offer.rate.floor),
                   effective_promise(capability, rate.floor))) {
        continue;  // Room comes when withdrawals are through.
      }
      offer.rate = rate;
      step_.moves.push_back({Kind::rerated, offer});
    }
  }

  void offer_new() {
    std::set<std::string_view> there;
    for (const Offer& offer : step_.offers) there.insert(offer.vf);
    std::vector<Offer> fresh;
    for (const Offer& offer : input_.desired) {
      const OfferPort* const port = port_of(offer);
      if (port == nullptr || there.contains(offer.vf)) continue;
      const BitRate cost = effective_promise(*port->capability, offer.rate.floor);
      if (promise(offer, {}, cost)) fresh.push_back(offer);
    }
    for (Offer& offer : fresh) put(std::move(offer), OfferState::offered, Kind::offered);
  }

  void forget_the_past() {
    std::erase_if(mover_.since_, [this](const auto& entry) {
      const Offer* const offer = find(step_.offers, entry.first);
      return offer == nullptr || offer->state == OfferState::offered;
    });
    std::erase_if(mover_.paused_, [this](const auto& entry) { return entry.second <= input_.now; });
    std::sort(step_.offers.begin(), step_.offers.end(), [](const Offer& a, const Offer& b) {
      return std::pair<std::string_view, std::string_view>(a.port, a.vf) <
             std::pair<std::string_view, std::string_view>(b.port, b.vf);
    });
  }

  OfferMover& mover_;
  const MoveInput& input_;
  std::set<std::string_view> held_;
  std::map<std::string_view, const Offer*> desired_;
  std::map<std::string, const OfferPort*> ports_;
  std::map<std::string, BitRate> promised_;
  MoveStep step_;
};

std::string_view to_string(Move::Kind kind) {
  switch (kind) {
    case Kind::withdrawn: return "withdrawn";
    case Kind::cancelled: return "cancelled";
    case Kind::gone: return "gone";
    case Kind::unconfirmed: return "unconfirmed";
    case Kind::offered: return "offered";
    case Kind::rerated: return "rerated";
  }
  return "?";
}

MoveClock::duration OfferMover::longest_wait(MoveClock::time_point now) const {
  MoveClock::duration longest{};
  for (const auto& [vf, since] : since_) longest = std::max(longest, now - since);
  return longest;
}

MoveStep OfferMover::step(const MoveInput& input) {
  return StepInMaking(*this, input).make();
}

Result<bool> take_offer(std::vector<Offer>& offers, std::string_view class_name,
                        std::string_view vf) {
  for (Offer& offer : offers) {
    if (offer.vf != vf) continue;
    if (offer.class_name != class_name) {
      return Error(Code::not_found, fmt::format("VF {} is offered under class '{}', not '{}'", vf,
                                                offer.class_name, class_name));
    }
    const bool changed = offer.state == OfferState::withdrawn;
    offer.state = OfferState::offered;
    return changed;
  }
  return Error(Code::not_found, fmt::format("VF {} is not offered", vf));
}

}  // namespace sluice
