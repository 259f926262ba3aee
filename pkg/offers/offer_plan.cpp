#include "pkg/offers/offer_plan.h"

#include <algorithm>
#include <array>
#include <limits>
#include <unordered_set>
#include <utility>

#include "pkg/bandwidth/admission.h"
#include "pkg/offers/assignment.h"
#include "pkg/offers/candidates.h"
#include "pkg/offers/explain.h"

namespace sluice {
namespace {

using Held = std::unordered_set<std::string_view>;

/// An offer that is there already.
struct Present {
  const Offer* offer = nullptr;
  VfPlace place;
  int class_index = kNoClass;
  bool is_pinned = false;
};

/// One plan in the making.
class Planner {
 public:
  explicit Planner(const OfferInput& input)
      : input_(input), candidates_(input), held_(input.held.begin(), input.held.end()) {
    for (const Offer& offer : input.current) add(offer);
  }

  OfferPlan plan() {
    const Assignment due = what_is_due();
    // Of equals the first: it changes least.
    Assignment best = stay(due);
    std::array others = {keep_most(due), exactly(due)};
    for (Assignment& other : others) {
      if (missing(other, due) < missing(best, due)) std::swap(best, other);
    }
    missing_ = missing(best, due);
    return finish(std::move(best));
  }

  /// How many offers plan() left out of those that are due.
  int missing() const { return missing_; }

 private:
  /// From configuration and hardware alone; ports whose line rate is unknown stay as they are.
  Assignment what_is_due() const {
    Assignment assignment(candidates_, Assignment::Blocked::usable);
    for (const Present& present : present_) {
      if (!candidates_.ports()[present.place.port].is_open) pin(assignment, present);
    }
    assignment.fill(maxima());
    return assignment;
  }

  /// All that is there, and what is due where room is left.
  Assignment stay(const Assignment& due) const {
    Assignment assignment = with_pins();
    keep_the_rest(assignment);
    assignment.fill(totals(due));
    return assignment;
  }

  /// As many offers as are due, with those that are there wherever they are.
  Assignment keep_most(const Assignment& due) const {
    Assignment assignment = with_pins();
    for (const bool only_where_due : {true, false}) {
      for (const Present& present : present_) {
        if (present.class_index == kNoClass) continue;
        const auto i = static_cast<std::size_t>(present.class_index);
        const std::size_t port = present.place.port;
        const bool due_here = assignment.on_port(i, port) < due.on_port(i, port);
        if (assignment.total(i) < due.total(i) && (due_here || !only_where_due)) {
          assignment.keep(present.place, present.class_index);
        }
      }
    }
    assignment.fill(totals(due));
    return assignment;
  }

  /// What is due VF by VF, for when offers that stay are in the way of others.
  Assignment exactly(const Assignment& due) const {
    Assignment assignment = with_pins();
    for (std::size_t port = 0; port < candidates_.ports().size(); ++port) {
      const PortCandidates& candidates = candidates_.ports()[port];
      for (std::size_t vf = 0; vf < candidates.selected.size(); ++vf) {
        const int class_index = due.class_at({port, vf});
        if (class_index == kNoClass) continue;
        const bool usable = candidates.port->vfs[vf].use == VfUse::usable;
        const bool below = assignment.total(static_cast<std::size_t>(class_index)) <
                           due.total(static_cast<std::size_t>(class_index));
        if (below && (usable || candidates.now[vf] == class_index)) {
          assignment.keep({port, vf}, class_index);
        }
      }
    }
    assignment.fill(totals(due));
    return assignment;
  }

  /// Offers above what is due stay where no other class can use the room.
  void keep_the_rest(Assignment& assignment) const {
    for (const Present& present : present_) {
      if (present.class_index == kNoClass) continue;
      const auto i = static_cast<std::size_t>(present.class_index);
      if (assignment.total(i) < maximum(i)) assignment.keep(present.place, present.class_index);
    }
  }

  void add(const Offer& offer) {
    // One that is being taken back is none any more, unless a pod was faster.
    if (offer.state == OfferState::withdrawn && !held_.contains(offer.vf)) return;
    const auto place = candidates_.find(offer.vf);
    if (!place) {
      if (held_.contains(offer.vf)) elsewhere_.push_back(offer);
      return;
    }
    Present present{&offer, *place, candidates_.class_of(offer.class_name), false};
    present.is_pinned = held_.contains(offer.vf) || waits_for_its_port(present);
    present_.push_back(present);
  }

  /// Nothing can be judged while the line rate is unknown: what was offered stays.
  bool waits_for_its_port(const Present& present) const {
    const PortCandidates& candidates = candidates_.ports()[present.place.port];
    if (candidates.is_open || present.class_index == kNoClass) return false;
    const std::size_t vf = present.place.vf;
    const bool selected = (candidates.selected[vf] >> present.class_index & 1U) != 0;
    return selected && candidates.port->vfs[vf].use != VfUse::foreign;
  }

  void pin(Assignment& assignment, const Present& present) const {
    if (!present.is_pinned) return;
    const DriverCapability& capability = *candidates_.ports()[present.place.port].port->capability;
    assignment.pin(present.place, present.class_index,
                   effective_promise(capability, present.offer->rate.floor));
  }

  Assignment with_pins() const {
    Assignment assignment(candidates_, Assignment::Blocked::left_out);
    for (const Present& present : present_) pin(assignment, present);
    return assignment;
  }

  int maximum(std::size_t i) const {
    return input_.classes[i].max.value_or(std::numeric_limits<int>::max());
  }

  std::vector<int> maxima() const {
    std::vector<int> bounds;
    for (std::size_t i = 0; i < input_.classes.size(); ++i) bounds.push_back(maximum(i));
    return bounds;
  }

  std::vector<int> totals(const Assignment& assignment) const {
    std::vector<int> bounds;
    for (std::size_t i = 0; i < input_.classes.size(); ++i) bounds.push_back(assignment.total(i));
    return bounds;
  }

  int missing(const Assignment& assignment, const Assignment& due) const {
    int sum = 0;
    for (std::size_t i = 0; i < input_.classes.size(); ++i) {
      sum += std::max(0, due.total(i) - assignment.total(i));
    }
    return sum;
  }

  OfferPlan finish(Assignment assignment) const {
    keep_the_rest(assignment);
    assignment.fill(maxima());
    OfferPlan plan;
    add_offers(assignment, plan);
    count(plan);
    plan.unoffered = explain_unoffered(candidates_, assignment);
    return plan;
  }

  /// Pinned offers as they are; those of VFs that no port has any more come last.
  void add_offers(const Assignment& assignment, OfferPlan& plan) const {
    std::vector<std::vector<const Offer*>> pinned(candidates_.ports().size());
    for (std::size_t port = 0; port < pinned.size(); ++port) {
      pinned[port].resize(candidates_.ports()[port].selected.size());
    }
    for (const Present& present : present_) {
      if (present.is_pinned) pinned[present.place.port][present.place.vf] = present.offer;
    }
    for (std::size_t port = 0; port < pinned.size(); ++port) {
      for (std::size_t vf = 0; vf < pinned[port].size(); ++vf) {
        const int class_index = assignment.class_at({port, vf});
        if (pinned[port][vf] != nullptr) {
          plan.offers.push_back(*pinned[port][vf]);
          plan.offers.back().state = OfferState::offered;
        } else if (class_index != kNoClass) {
          plan.offers.push_back(offer_of(port, vf, static_cast<std::size_t>(class_index)));
        }
      }
    }
    plan.offers.insert(plan.offers.end(), elsewhere_.begin(), elsewhere_.end());
  }

  Offer offer_of(std::size_t port, std::size_t vf, std::size_t class_index) const {
    const OfferPort& on = *candidates_.ports()[port].port;
    const ClassRule& rule = input_.classes[class_index];
    return {.vf = on.vfs[vf].address,
            .port = on.hardware->address.to_string(),
            .class_name = rule.name,
            .rate = rule.rate};
  }

  void count(OfferPlan& plan) const {
    for (const ClassRule& rule : input_.classes) plan.classes.push_back({rule.name, 0, rule.min});
    for (const Offer& offer : plan.offers) {
      auto known = std::find_if(plan.classes.begin(), plan.classes.end(),
                                [&](const ClassCount& c) { return c.name == offer.class_name; });
      if (known == plan.classes.end()) {
        known = plan.classes.insert(plan.classes.end(), {offer.class_name, 0, 0});
      }
      ++known->offered;
    }
  }

  const OfferInput& input_;
  Candidates candidates_;
  Held held_;
  std::vector<Present> present_;
  std::vector<Offer> elsewhere_;  // Held VFs that no port has any more.
  int missing_ = 0;
};

/// Several steps may lead nearer to what is due where pods hold VFs that are in the way.
constexpr int kMostSteps = 3;

}  // namespace

std::string_view to_string(WhyNot reason) {
  switch (reason) {
    case WhyNot::foreign: return "foreign";
    case WhyNot::blocked: return "blocked";
    case WhyNot::no_line_rate: return "no line rate";
    case WhyNot::not_selected: return "not selected";
    case WhyNot::unsupported: return "unsupported";
    case WhyNot::at_maximum: return "at maximum";
    case WhyNot::waiting: return "waiting";
    case WhyNot::no_bandwidth: return "no bandwidth";
  }
  return "?";
}

OfferPlan plan_offers(const OfferInput& input) {
  Planner first(input);
  OfferPlan plan = first.plan();
  int missing = first.missing();
  for (int step = 1; missing > 0 && step < kMostSteps; ++step) {
    OfferInput from_there = input;
    from_there.current = plan.offers;
    Planner planner(from_there);
    OfferPlan next = planner.plan();
    if (planner.missing() >= missing) break;
    missing = planner.missing();
    plan = std::move(next);
  }
  return plan;
}

}  // namespace sluice
