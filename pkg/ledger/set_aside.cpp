#include "pkg/ledger/set_aside.h"

namespace sluice {

Result<SetAside> SetAsideStore::peek() const {
  SetAside all{.offers = TRY(offers.peek())};
  all.grants = TRY(grants.peek());
  return all;
}

}  // namespace sluice
