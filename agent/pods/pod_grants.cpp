#include "agent/pods/pod_grants.h"

#include <mutex>
#include <utility>

#include "pkg/annotations/in_place.h"
#include "pkg/base/crash_point.h"

namespace sluice {
namespace {

// What the pod asks and can have where it is.
Result<std::optional<AnnotatedPod>> asked_by(const PodId& pod, const PodFacts& facts) {
  std::optional<AnnotatedPod> asked = TRY(read_annotations(facts.annotations));
  if (!asked) return asked;
  if (pod.uid.empty()) {
    return Error(Code::unsupported, "the container runtime does not tell the UIDs of pods");
  }
  if (facts.on_host_network) TRY(check_in_place(*asked));
  return asked;
}

}  // namespace

Result<std::optional<PodWish>> PodGrants::wish_of(const PodId& pod, const PodFacts& facts) {
  PodWish wish{.uid = pod.uid.empty() ? facts.uid : pod.uid,
               .name = fmt::format("{}/{}", pod.name_space, pod.name),
               .asked = {},
               .has_others = facts.has_resources};
  Result<std::optional<AnnotatedPod>> asked = asked_by(pod, facts);
  if (!asked) {
    reports_.refused(wish, asked.error());
    return asked.error();
  }
  if (!*asked) return std::optional<PodWish>();
  if (facts.is_ending) return Error(Code::busy, fmt::format("pod '{}' has ended", wish.name));
  wish.asked = **std::move(asked);
  take_placement(facts, wish);
  return std::optional(std::move(wish));
}

void PodGrants::take_placement(const PodFacts& facts, PodWish& wish) {
  const auto placed = facts.annotations.find(std::string(kPlacementAnnotation));
  if (placed == facts.annotations.end()) return;
  Result<PodPlacement> placement = decode_placement(placed->second);
  if (!placement) return reports_.unreadable(wish, placement.error());
  wish.placement = *std::move(placement);
}

Result<Grant> PodGrants::grant(const PodWish& wish, const Turns::Turn& /*turn*/) {
  const std::shared_lock acting(acting_);
  if (has_handed_over_) return Error(Code::busy, "another instance of the agent acts now");
  Result<Grant> made = book_.grant(wish).context("pod '{}'", wish.name);
  if (made) {
    crash_point("pods.granted");
    reports_.granted(wish, *made);
  } else {
    reports_.failed(wish, made.error());
  }
  return made;
}

void PodGrants::hand_over() {
  const std::unique_lock lock(acting_);
  has_handed_over_ = true;
}

}  // namespace sluice
