#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "pkg/config/config.h"
#include "pkg/inventory/types.h"
#include "pkg/ledger/ledger.h"
#include "pkg/ledger/set_aside.h"
#include "pkg/offers/moves.h"

namespace sluice {

/// Input of advance().
struct OfferSituation {
  const Inventory& inventory;
  const Config& config;
  /// VFs that pods have by the kubelet; nullptr: unknown, and then what is offered now stays.
  const std::vector<std::string>* held = nullptr;
  std::map<std::string, int> healthy;  ///< VFs sent as healthy now, by class.
  /// nullptr: unknown, so no withdrawal begins or is confirmed.
  const KubernetesView* view = nullptr;
  MoveClock::time_point now;
  /// As OfferInput::wanted.
  std::map<std::string, int> wanted = {};
};

/// Its outcome.
struct OfferChange {
  std::vector<Move> moves;
  OfferPlan plan;
  std::set<std::string> locked;  ///< Ports that were to promise more, and another process has.
  std::string found_in_file;     ///< Other than was written: what; empty: nothing.
};

/// The offers of this node: in memory, and in their file before anything acts on them. advance() is
/// one thread's; the rest may be called from any.
class LiveOffers {
 public:
  /// Both must outlive this object.
  LiveOffers(const SetAsideStore& store, const Ledger& ledger) : store_(store), ledger_(ledger) {}

  /// Loads saved offers and adds those implied by lanes; there is a file when it returns. data_loss
  /// when the file was damaged and set aside; the offers are those of the lanes then.
  Result<> load();

  std::vector<Offer> offers() const;

  /// Answers an Allocate, as take_offer() does, for all VFs or none; on disk when it returns.
  Result<> take(const std::string& class_name, const std::vector<std::string>& vfs);

  /// One step of the mover towards what the configuration and the hardware ask for, on disk when
  /// it returns, whatever has become of the file. Ports whose promises grow are locked meanwhile,
  /// so that no attach is admitted on bandwidth that an offer takes; a port that another process
  /// has locked promises no more than before. On failure nothing has changed.
  Result<OfferChange> advance(const OfferSituation& situation);

  /// Whether a withdrawal waits for Kubernetes, or offers for a port: then advance() is due every
  /// second.
  bool is_waiting() const;

 private:
  struct Draft {
    std::vector<Offer> before;
    OfferMover mover;
    MoveStep step;
    OfferPlan plan;
    std::string found_in_file = {};
  };

  /// Of ports that are to promise more.
  struct Locks {
    std::map<std::string, LockedPort> ours;
    std::set<std::string> others;  ///< Held by another process.
  };

  Result<bool> lock_growing(const MoveStep& step, Locks& locks) const;
  Result<Draft> draft(const OfferSituation& situation, const std::set<std::string>& locked) const;
  Result<bool> commit(Draft& draft);
  /// Returns what was found in place of the offers that were written last; empty: nothing.
  Result<std::string> write(const std::vector<Offer>& offers) const;

  const SetAsideStore& store_;
  const Ledger& ledger_;
  /// Guards those below. Held while the file is written: an Allocate must not be answered by offers
  /// that are not on disk yet, and files are written only when offers change.
  mutable std::mutex mutex_;
  std::vector<Offer> offers_;
  OfferMover mover_;
  std::atomic<bool> is_short_of_ports_ = false;
};

}  // namespace sluice
