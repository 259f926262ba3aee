#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "pkg/config/config.h"
#include "pkg/inventory/types.h"
#include "pkg/ledger/ledger.h"
#include "pkg/offers/moves.h"

namespace sluice {

/// What an advance of the offers has to go by.
struct OfferSituation {
  const Inventory& inventory;
  const Config& config;
  /// VFs that pods have by the kubelet; nullptr: unknown, and then what is offered now stays.
  const std::vector<std::string>* held = nullptr;
  std::map<std::string, int> healthy;    ///< VFs sent as healthy now, by class.
  const KubernetesView* view = nullptr;  ///< nullptr: unknown, so no withdrawal is confirmed.
  MoveClock::time_point now;
};

/// What became of it.
struct OfferChange {
  std::vector<Move> moves;
  OfferPlan plan;
};

/// The offers of this node: in memory, and in their file before anybody acts on them. advance() is
/// one thread's; the rest may be called from any.
class OfferBook {
 public:
  /// Both must outlive this object.
  OfferBook(const OfferStore& store, const Ledger& ledger) : store_(store), ledger_(ledger) {}

  /// Takes up what was offered before, and what lanes say was. data_loss when the file was damaged
  /// and set aside; the offers are those of the lanes then.
  Result<> load();

  std::vector<Offer> offers() const;

  /// Answers an Allocate, as take_offer() does, for all VFs or none; on disk when it returns.
  Result<> take(const std::string& class_name, const std::vector<std::string>& vfs);

  /// One step of the mover towards what the configuration and the hardware ask for, on disk when
  /// it returns. Ports whose promises grow are locked meanwhile, so that no attach is admitted on
  /// bandwidth that an offer takes. On failure nothing has changed.
  Result<OfferChange> advance(const OfferSituation& situation);

  /// Whether a withdrawal waits for Kubernetes: then advance() is due every second.
  bool is_waiting() const;

 private:
  struct Draft {
    std::vector<Offer> before;
    OfferMover mover;
    MoveStep step;
    OfferPlan plan;
  };

  Result<Draft> draft(const OfferSituation& situation) const;
  Result<bool> commit(Draft& draft);

  const OfferStore& store_;
  const Ledger& ledger_;
  /// Guards those below. Held while the file is written: an Allocate must not be answered by offers
  /// that are not on disk yet, and files are written only when offers change.
  mutable std::mutex mutex_;
  std::vector<Offer> offers_;
  OfferMover mover_;
};

}  // namespace sluice
