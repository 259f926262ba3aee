#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "pkg/offers/candidates.h"

namespace sluice {

// The inside of plan_offers(): VFs being given out, one by one and never taken back.

class Assignment {
 public:
  /// Whether VFs that are blocked now count as usable: for what the classes are due in the long
  /// run.
  enum class Blocked { usable, left_out };

  Assignment(const Candidates& candidates, Blocked blocked);

  /// The VF's class is `class_index`, or one the configuration has no more (kNoClass); it costs
  /// `promise`, whether that fits or not. Counts the port's offers of the class.
  void pin(VfPlace place, int class_index, BitRate promise);

  /// Gives the VF to the class when both are allowed to, no class has it and the port can carry it.
  bool keep(VfPlace place, int class_index);

  /// Gives out VFs as plan_offers() says until no class below its bound fits anywhere.
  void fill(const std::vector<int>& bounds);

  int total(std::size_t class_index) const { return totals_[class_index]; }

  int on_port(std::size_t class_index, std::size_t port) const {
    return ports_[port].counts[class_index];
  }

  /// The class of the VF; kNoClass while none has it.
  int class_at(VfPlace place) const { return ports_[place.port].owner[place.vf]; }

  bool is_taken(VfPlace place) const { return ports_[place.port].taken[place.vf]; }

  BitRate free(std::size_t port) const { return ports_[port].free; }

 private:
  struct PortState {
    BitRate free;
    std::vector<bool> taken;  // By VF.
    std::vector<int> owner;   // By VF.
    std::vector<int> counts;  // By class.
    // By class: where in its order the first VF may be that no class has.
    std::vector<std::size_t> next;
    // By class: VFs that it could have.
    std::vector<int> candidates;
  };

  bool can_be_given(const PortCandidates& port, std::size_t vf) const;
  void take(VfPlace place, int class_index, BitRate promise);
  bool fits(std::size_t port, std::size_t class_index) const;
  std::size_t best_vf(std::size_t port, std::size_t class_index);
  std::optional<std::size_t> best_port(std::size_t class_index);
  int placeable(std::size_t class_index) const;
  std::optional<std::size_t> next_below(const std::vector<int>& least,
                                        const std::vector<int>& bounds,
                                        const std::vector<bool>& out) const;
  std::optional<std::size_t> next_by_weight(const std::vector<int>& bounds,
                                            const std::vector<bool>& out) const;
  bool goes_before(std::size_t a, std::size_t b) const;

  const Candidates* candidates_;
  Blocked blocked_;
  std::vector<PortState> ports_;
  std::vector<int> totals_;             // By class.
  std::vector<std::vector<int>> numa_;  // By NUMA node and class.
};

}  // namespace sluice
