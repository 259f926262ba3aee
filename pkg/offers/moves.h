#pragma once

#include <chrono>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/ledger/offers.h"
#include "pkg/offers/offer_plan.h"

namespace sluice {

using MoveClock = std::chrono::steady_clock;

/// Within this time kubelet has handled every list it was sent. It takes milliseconds; but what it
/// has of a VF now may be older than two lists that are still on their way to it, so without this
/// time a VF that came and went quickly could seem to be gone while kubelet is about to get it.
constexpr std::chrono::seconds kListTime{10};

/// How long a withdrawal waits for Kubernetes to notice before it is undone. Kubelet publishes what
/// is allocatable every nodeStatusUpdateFrequency, 10 s by default.
constexpr std::chrono::seconds kWithdrawalTimeout{60};

/// How long a VF whose withdrawal was undone for that reason is left in its class.
constexpr std::chrono::minutes kWithdrawalPause{5};

/// What Kubernetes believes. Good for one step: it must have been read after the lists of the last
/// one were sent.
struct KubernetesView {
  /// `status.allocatable` of the node object, by class; a class that is not there counts as 0.
  std::map<std::string, int> published;
  /// (class, VF) as kubelet's device manager has them: GetAllocatableResources of PodResources.
  std::set<std::pair<std::string, std::string>> kubelet;
};

/// What one step of moving offers has to go by.
struct MoveInput {
  std::span<const Offer> current;     ///< The offers file.
  std::span<const Offer> desired;     ///< plan_offers()
  std::span<const OfferPort> ports;   ///< As they were planned with.
  std::span<const std::string> held;  ///< VFs that pods have; Allocates just answered included.
  /// VFs that are sent as healthy now, by class.
  std::map<std::string, int> healthy;
  /// nullptr: unknown. Nothing is confirmed then, and no withdrawal begins.
  const KubernetesView* view = nullptr;
  /// Ports that another process has locked: no promise on them grows.
  std::set<std::string> locked = {};
  MoveClock::time_point now;
};

/// What happened to an offer in a step; for the log, events and metrics.
struct Move {
  enum class Kind {
    withdrawn,    ///< Left the list of its class.
    cancelled,    ///< A pod took it before the withdrawal was through, or it is wanted again.
    gone,         ///< Kubernetes knows; the VF is free for another class.
    unconfirmed,  ///< Kubernetes did not notice in time; offered as before.
    offered,
    rerated,  ///< Same VF and class, another rate.
  };

  Kind kind = Kind::offered;
  Offer offer;

  friend bool operator==(const Move&, const Move&) = default;
};

/// "withdrawn", "cancelled", …
std::string_view to_string(Move::Kind kind);

struct MoveStep {
  std::vector<Offer> offers;  ///< What is to be in the file; then the lists are sent from it.
  std::vector<Move> moves;    ///< What differs; empty: nothing to do.
};

/// Brings what is offered to what is desired without ever promising more than the ports have, and
/// without kubelet ever having a VF in two classes. A VF changes its class in two steps: it leaves
/// the list, and is offered again when kListTime has passed, kubelet's device manager has it no
/// more and no more is published as allocatable than is listed. A pod that gets it in between keeps
/// it.
///
/// The state is the offers file alone, so a crash between any two steps ends right: save step()'s
/// answer, durably and under the locks of the ports whose promises grow, then send every class the
/// list of its offers with state `offered`, then read a new KubernetesView. What this object keeps
/// besides is how long withdrawals have waited; after a restart they wait from the start. A
/// withdrawal begins only in a step with a view: without one it would be undone after
/// kWithdrawalTimeout, and what Kubernetes may hand out would have dipped for nothing. One thread
/// at a time.
class OfferMover {
 public:
  /// One step; to be called again after changes of any part of the input, and every second while
  /// is_waiting().
  MoveStep step(const MoveInput& input);

  /// Whether a withdrawal waits for Kubernetes, or for a view to begin with.
  bool is_waiting() const { return !since_.empty() || wants_view_; }

  /// How long the withdrawal that waits longest has been waiting; zero when none is.
  MoveClock::duration longest_wait(MoveClock::time_point now) const;

 private:
  friend class StepInMaking;

  std::map<std::string, MoveClock::time_point> since_;   // By VF: withdrawn when.
  std::map<std::string, MoveClock::time_point> paused_;  // By VF: not withdrawn again before.
  bool wants_view_ = false;
};

/// Answers an Allocate: the VF is offered under the class, or its withdrawal, which it was faster
/// than, is cancelled in `offers`. True when `offers` changed and must be saved first. not_found
/// when it is offered not at all or under another class; kubelet never asks for such a VF.
Result<bool> take_offer(std::vector<Offer>& offers, std::string_view class_name,
                        std::string_view vf);

}  // namespace sluice
