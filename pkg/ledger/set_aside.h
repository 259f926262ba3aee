#pragma once

#include <string>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/ledger/every_pod_mark.h"
#include "pkg/ledger/grant_store.h"
#include "pkg/ledger/offers.h"

namespace sluice {

/// VFs that are promised before they are lanes. Offers and grants never have a VF in common.
struct SetAside {
  std::vector<Offer> offers;
  std::vector<Grant> grants = {};
};

/// Their files, and the mark beside them.
struct SetAsideStore {
  /// `state_dir` is /var/lib/sluice on a node; need not exist yet.
  explicit SetAsideStore(const std::string& state_dir)
      : offers(state_dir), grants(state_dir), every_pod(state_dir) {}

  /// Without a file there are none. data_loss when one is damaged.
  Result<SetAside> peek() const;

  OfferStore offers;
  GrantStore grants;
  EveryPodMark every_pod;
};

}  // namespace sluice
