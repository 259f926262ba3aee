#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pkg/offers/offer_plan.h"

namespace sluice {

// The inside of plan_offers(): what does not change while VFs are given out.

constexpr int kNoClass = -1;

/// Classes as bits, by their position in the configuration.
using ClassSet = std::uint64_t;

/// What a port is for one class.
struct ClassOnPort {
  bool served = false;             ///< The driver keeps the class's rates at this line rate.
  BitRate promise;                 ///< What an offer costs.
  std::string refusal;             ///< Why it is not served.
  std::vector<std::size_t> order;  ///< The VFs it may have, best first.
};

struct PortCandidates {
  const OfferPort* port = nullptr;
  std::size_t numa = 0;            ///< its NUMA node, numbered from 0.
  bool is_open = false;            ///< The line rate is known, so that new promises can be made.
  ClassSet served = 0;             ///< Classes of which the driver keeps the rates.
  std::vector<ClassSet> selected;  ///< By VF: classes that select it.
  std::vector<int> rivals;         ///< By VF: how many of the served classes select it.
  std::vector<int> now;            ///< By VF: class it is offered under now, or kNoClass.
  std::vector<ClassOnPort> classes;
};

struct VfPlace {
  std::size_t port = 0;
  std::size_t vf = 0;
};

class Candidates {
 public:
  explicit Candidates(const OfferInput& input);

  const std::vector<PortCandidates>& ports() const { return ports_; }

  std::size_t numa_nodes() const { return numa_nodes_; }

  /// kNoClass when the configuration has no such class.
  int class_of(std::string_view name) const;

  /// nullopt when no port has the VF.
  std::optional<VfPlace> find(std::string_view vf) const;

  const OfferInput& input() const { return input_; }

 private:
  PortCandidates lay_out(const OfferPort& port) const;
  void select(PortCandidates& candidates) const;
  void serve(PortCandidates& candidates) const;
  static void order(PortCandidates& candidates);

  const OfferInput& input_;
  std::vector<PortCandidates> ports_;
  std::size_t numa_nodes_ = 0;
  std::unordered_map<std::string_view, VfPlace> places_;
};

}  // namespace sluice
