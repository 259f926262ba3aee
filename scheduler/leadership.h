#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "pkg/base/result.h"
#include "pkg/kube/lease.h"
#include "scheduler/term.h"

namespace sluice {

/// Whether this replica leads, and its term while it does. So that no two replicas promise the same
/// bandwidth:
///
///  - Only the leader binds, and the lease has one holder at a time (see Lease).
///  - A bind is begun only while the lease is surely held until it can no longer happen: kBindEnd
///    from now the answer has been waited for and the API server has given it up.
///  - A term begins with lists of the API's most recent state, asked for after the lease was taken.
///    All that a leader before has bound is in them, and so is counted.
///  - A lease that was lost and taken again may have been another's in between: then the term is a
///    new one (Lease::tenure()).
///  - The lease is let go before its time only when no bind is under way or in doubt.
///
/// A process that is stopped between its look at the lease and its write can still write late. Then
/// two placements may want the same bandwidth, and the node's ledger gives it to one of them: the
/// other pod waits, and nothing is promised twice.
class Leadership final {
 public:
  using MakeTerm = std::function<std::unique_ptr<Term>()>;

  /// Without a lease this process leads from the first step on. `lease` must outlive this object.
  Leadership(Lease* lease, MakeTerm make_term) : lease_(lease), make_term_(std::move(make_term)) {}

  /// Takes, renews or loses the lease; called every other second by one thread. An error says that
  /// the API server could not be asked.
  Result<> step();

  /// nullptr while another leads.
  std::shared_ptr<Term> term() const;

  /// Who leads, as far as is known; for messages.
  std::string leader() const { return lease_ == nullptr ? "" : lease_->holder(); }

  bool may_bind(std::chrono::nanoseconds time) const {
    return lease_ == nullptr || lease_->is_held_for(time);
  }

  /// Ends the term, for another to take over at once. No call may use it any more.
  Result<> resign();

 private:
  void adopt(std::optional<std::uint64_t> tenure);

  Lease* const lease_;
  const MakeTerm make_term_;
  std::optional<std::uint64_t> tenure_;  // Of the term; of the stepping thread.
  mutable std::mutex mutex_;             // Guards term_.
  std::shared_ptr<Term> term_;
};

}  // namespace sluice
