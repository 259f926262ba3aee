#include "agent/classes/live_offers.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "pkg/ledger/records.h"
#include "pkg/offers/node.h"

namespace sluice {
namespace {

// An attach holds a port for milliseconds; of one that is held longer the next step asks again.
constexpr std::chrono::milliseconds kLockTimeout{500};

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

Result<> LiveOffers::load() {
  Result<std::vector<Offer>> stored = store_.offers.load();
  const std::vector<PortRecord> records = TRY(read_records(ledger_));
  const std::lock_guard lock(mutex_);
  offers_ = with_lanes(stored ? *stored : std::vector<Offer>(), records);
  const bool is_written = stored && *stored == offers_ && store_.offers.is_there();
  if (!is_written) TRY(store_.offers.save(offers_));
  if (!stored) return stored.error();
  return {};
}

std::vector<Offer> LiveOffers::offers() const {
  const std::lock_guard lock(mutex_);
  return offers_;
}

bool LiveOffers::is_waiting() const {
  const std::lock_guard lock(mutex_);
  return mover_.is_waiting() || is_short_of_ports_;
}

Result<> LiveOffers::take(const std::string& class_name, const std::vector<std::string>& vfs) {
  const std::lock_guard lock(mutex_);
  std::vector<Offer> offers = offers_;
  bool changed = false;
  for (const std::string& vf : vfs) {
    const bool cancelled = TRY(take_offer(offers, class_name, vf));
    changed = changed || cancelled;
  }
  if (!changed) return {};
  TRY(store_.offers.save(offers));
  offers_ = std::move(offers);
  return {};
}

// The file may have been deleted, damaged or replaced since it was written.
Result<std::string> LiveOffers::write(const std::vector<Offer>& offers) const {
  const Result<std::vector<Offer>> there = store_.offers.load();
  std::string found;
  if (!there) {
    found = there.error().message();
  } else if (!store_.offers.is_there()) {
    found = "the file was missing";
  } else if (*there != offers_) {
    found = "another process had written it";
  }
  if (found.empty() && *there == offers) return found;
  TRY(store_.offers.save(offers));
  return found;
}

Result<LiveOffers::Draft> LiveOffers::draft(const OfferSituation& situation,
                                            const std::set<std::string>& locked) const {
  const std::vector<PortRecord> records = TRY(read_records(ledger_));
  Draft draft;
  {
    const std::lock_guard lock(mutex_);
    draft.before = offers_;
    draft.mover = mover_;
  }
  const SetAside aside{.offers = draft.before, .grants = TRY(store_.grants.peek())};
  const std::vector<OfferPort> ports =
      offer_ports(situation.inventory, situation.config, records, aside);
  const std::vector<std::string> held = holdings(situation, records, draft.before);
  const std::vector<ClassRule> classes = situation.config.classes_of(FrontEndName::classes);
  draft.plan = plan_offers({.ports = ports,
                            .classes = classes,
                            .current = draft.before,
                            .held = held,
                            .networks = situation.config.networks,
                            .wanted = situation.wanted});
  draft.step = draft.mover.step({.current = draft.before,
                                 .desired = draft.plan.offers,
                                 .ports = ports,
                                 .held = held,
                                 .healthy = situation.healthy,
                                 .view = situation.view,
                                 .locked = locked,
                                 .now = situation.now});
  return draft;
}

// False when an Allocate has changed the offers since the draft was begun.
Result<bool> LiveOffers::commit(Draft& draft) {
  const std::lock_guard lock(mutex_);
  if (offers_ != draft.before) return false;
  draft.found_in_file = TRY(write(draft.step.offers));
  offers_ = draft.step.offers;
  mover_ = std::move(draft.mover);
  return true;
}

// Whether all ports that grow were ours already: what was read of another may be old by now.
Result<bool> LiveOffers::lock_growing(const MoveStep& step, Locks& locks) const {
  bool is_covered = true;
  for (const std::string& port : growing_ports(step)) {
    if (locks.ours.contains(port)) continue;
    is_covered = false;
    Result<LockedPort> port_lock = ledger_.lock(port, kLockTimeout);
    if (port_lock) {
      locks.ours.emplace(port, *std::move(port_lock));
    } else if (port_lock.error().code() == Code::busy) {
      locks.others.insert(port);
    } else {
      return std::move(port_lock).error();
    }
  }
  return is_covered;
}

Result<OfferChange> LiveOffers::advance(const OfferSituation& situation) {
  Locks locks;
  while (true) {
    Draft next = TRY(draft(situation, locks.others));
    const bool is_covered = TRY(lock_growing(next.step, locks));
    if (!is_covered || !TRY(commit(next))) continue;
    is_short_of_ports_ = !locks.others.empty();
    return OfferChange{.moves = std::move(next.step.moves),
                       .plan = std::move(next.plan),
                       .locked = std::move(locks.others),
                       .found_in_file = std::move(next.found_in_file)};
  }
}

}  // namespace sluice
