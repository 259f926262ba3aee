#include "scheduler/verdicts.h"

#include <algorithm>

#include "pkg/placement/place.h"
#include "scheduler/extender_api.h"

namespace sluice {
namespace {

std::string shortened(std::string text) {
  if (text.size() <= Verdicts::kLongestReason) return text;
  text.resize(Verdicts::kLongestReason - 4);
  return text + " ...";
}

/// What no pod that ends changes. Carrier comes back, and a search may find next time.
bool is_for_good(Code code) {
  return code == Code::unsupported || code == Code::invalid_argument;
}

}  // namespace

Verdict judge(Policy policy, const NodeState& state, const PodAsk& ask) {
  if (!state.refusal.empty()) {
    return {.is_refusal = true,
            .is_for_good = !state.can_wait,
            .reason = quoted_json(shortened(state.refusal))};
  }
  const Result<Placement> placement = place(state.ports, ask);
  if (placement) {
    return {.fits = true, .suitability = suitability(policy, state.ports, ask, *placement)};
  }
  std::string reason = placement.error().message();
  if (!state.troubles.empty()) reason += "; " + state.troubles;
  return {.is_for_good = is_for_good(placement.error().code()) && state.troubles.empty(),
          .reason = quoted_json(shortened(std::move(reason)))};
}

void Verdicts::judge(
    const AskedPod& pod, std::span<const std::string_view> nodes,
    const std::function<void(std::size_t position, const Verdict& verdict)>& take) {
  static const Verdict kUnknown{.is_refusal = true, .reason = quoted_json("there is no such node")};
  const std::vector<ClusterView::NodeRef> refs = view_.look_up(nodes);
  const std::lock_guard lock(mutex_);
  std::vector<Slot>& slots = shape(pod.shape).slots;
  for (std::size_t position = 0; position < refs.size(); ++position) {
    const ClusterView::NodeRef& ref = refs[position];
    if (slots.size() <= ref.number) slots.resize(std::max(ref.number + 1, nodes.size()));
    Slot& slot = slots[ref.number];
    if (ref.version != 0 && slot.version == ref.version) {
      take(position, slot.verdict);
      continue;
    }
    const auto state = ref.version == 0 ? nullptr : view_.state(nodes[position]);
    if (state == nullptr || state->number != ref.number) {
      take(position, kUnknown);
      continue;
    }
    slot = {.version = state->version, .verdict = sluice::judge(policy_, *state, *pod.ask)};
    take(position, slot.verdict);
  }
}

Verdicts::Shape& Verdicts::shape(const std::string& key) {
  const auto found = std::find_if(shapes_.begin(), shapes_.end(),
                                  [&key](const Shape& each) { return each.key == key; });
  if (found != shapes_.end()) {
    shapes_.splice(shapes_.begin(), shapes_, found);
    return shapes_.front();
  }
  if (shapes_.size() == kMostShapes) shapes_.pop_back();
  return shapes_.emplace_front(Shape{.key = key});
}

}  // namespace sluice
