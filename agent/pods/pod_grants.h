#pragma once

#include <optional>
#include <shared_mutex>

#include "agent/grants/pod_facts.h"
#include "agent/grants/turns.h"
#include "agent/pods/pod_book.h"
#include "agent/pods/pod_reports.h"
#include "agent/pods/pod_wish.h"
#include "pkg/podlanes/pod_lanes.h"

namespace sluice {

/// Grants pods what they ask by annotation, and says what comes of it: the same whether the CNI
/// plugin asks for the pod or it is on the host's network. Any number of threads.
class PodGrants {
 public:
  /// The references must outlive this object.
  PodGrants(PodBook& book, PodReports& reports) : book_(book), reports_(reports) {}

  /// What the pod asks; nullopt: nothing. `pod` as the runtime names it.
  ///
  ///   invalid_argument  the annotation is wrong, naming the field; told to the pod
  ///   unsupported       the runtime tells no UID, or the pod is on the host's network, which some
  ///                     field is not for; told to the pod
  ///   busy              the pod has ended
  Result<std::optional<PodWish>> wish_of(const PodId& pod, const PodFacts& facts);

  /// The pod's grant, on disk when this returns; with its turn. As PodBook::grant(), whose errors
  /// are told to the pod; busy, too, when another instance acts.
  Result<Grant> grant(const PodWish& wish, const Turns::Turn& turn);

  /// Waits for grants that are being made, and makes none from then on.
  void hand_over();

 private:
  void take_placement(const PodFacts& facts, PodWish& wish);

  PodBook& book_;
  PodReports& reports_;
  std::shared_mutex acting_;  // Held shared while a grant is made; guards the one below.
  bool has_handed_over_ = false;
};

}  // namespace sluice
