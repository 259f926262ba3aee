#include "agent/offer_book.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "agent/records.h"
#include "pkg/offers/node.h"

namespace sluice {
namespace {

// An attach holds a port for milliseconds; the next step tries again.
constexpr std::chrono::seconds kLockPatience{2};

// The VFs that stay where they are.
std::vector<std::string> holdings(const OfferSituation& situation,
                                  const std::vector<PortRecord>& records,
                                  const std::vector<Offer>& offers) {
  std::vector<std::string> held = held_by_lanes(records, offers);
  if (situation.held != nullptr) {
    held.insert(held.end(), situation.held->begin(), situation.held->end());
  } else {
    for (const Offer& offer : offers) {
      if (offer.state == OfferState::offered) held.push_back(offer.vf);
    }
  }
  std::sort(held.begin(), held.end());
  held.erase(std::unique(held.begin(), held.end()), held.end());
  return held;
}

std::set<std::string> growing_ports(const MoveStep& step) {
  std::set<std::string> ports;
  for (const Move& move : step.moves) {
    const bool grows = move.kind == Move::Kind::offered || move.kind == Move::Kind::rerated;
    if (grows) ports.insert(move.offer.port);
  }
  return ports;
}

}  // namespace

Result<> OfferBook::load() {
  Result<std::vector<Offer>> stored = store_.load();
  const std::vector<PortRecord> records = TRY(read_records(ledger_));
  const std::lock_guard lock(mutex_);
  offers_ = with_lanes(stored ? std::move(*stored) : std::vector<Offer>(), records);
  if (!stored) return stored.error();
  return {};
}

std::vector<Offer> OfferBook::offers() const {
  const std::lock_guard lock(mutex_);
  return offers_;
}

bool OfferBook::is_waiting() const {
  const std::lock_guard lock(mutex_);
  return mover_.is_waiting();
}

Result<> OfferBook::take(const std::string& class_name, const std::vector<std::string>& vfs) {
  const std::lock_guard lock(mutex_);
  std::vector<Offer> offers = offers_;
  bool changed = false;
  for (const std::string& vf : vfs) {
    const bool cancelled = TRY(take_offer(offers, class_name, vf));
    changed = changed || cancelled;
  }
  if (!changed) return {};
  TRY(store_.save(offers));
  offers_ = std::move(offers);
  return {};
}

Result<OfferBook::Draft> OfferBook::draft(const OfferSituation& situation) const {
  const std::vector<PortRecord> records = TRY(read_records(ledger_));
  Draft draft;
  {
    const std::lock_guard lock(mutex_);
    draft.before = offers_;
    draft.mover = mover_;
  }
  const std::vector<OfferPort> ports =
      offer_ports(situation.inventory, situation.config, records, draft.before);
  const std::vector<std::string> held = holdings(situation, records, draft.before);
  draft.plan = plan_offers(
      {.ports = ports, .classes = situation.config.classes, .current = draft.before, .held = held});
  draft.step = draft.mover.step({.current = draft.before,
                                 .desired = draft.plan.offers,
                                 .ports = ports,
                                 .held = held,
                                 .healthy = situation.healthy,
                                 .view = situation.view,
                                 .now = situation.now});
  return draft;
}

// False when an Allocate has changed the offers since the draft was begun.
Result<bool> OfferBook::commit(Draft& draft) {
  const std::lock_guard lock(mutex_);
  if (offers_ != draft.before) return false;
  if (draft.step.offers != offers_) TRY(store_.save(draft.step.offers));
  offers_ = draft.step.offers;
  mover_ = std::move(draft.mover);
  return true;
}

Result<OfferChange> OfferBook::advance(const OfferSituation& situation) {
  std::map<std::string, PortBook> locked;
  while (true) {
    Draft next = TRY(draft(situation));
    bool is_covered = true;
    for (const std::string& port : growing_ports(next.step)) {
      if (locked.contains(port)) continue;
      locked.emplace(port, TRY(ledger_.lock(port, kLockPatience)));
      is_covered = false;  // What was read of the port may be old by now.
    }
    if (!is_covered || !TRY(commit(next))) continue;
    return OfferChange{std::move(next.step.moves), std::move(next.plan)};
  }
}

}  // namespace sluice
