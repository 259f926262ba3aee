#include "scheduler/asked_pod.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "pkg/annotations/in_place.h"

namespace sluice {
namespace {

void append(std::string& shape, const std::vector<LaneGroup>& groups, char mark) {
  for (const LaneGroup& group : groups) {
    fmt::format_to(std::back_inserter(shape), "{}{}", mark, fmt::join(group, ","));
  }
}

/// All that place() and suitability() look at.
std::string shape_of(const PodAsk& ask) {
  std::string shape;
  for (const LaneAsk& lane : ask.lanes) {
    // A link's pattern and a network may hold any character: their lengths end them.
    fmt::format_to(std::back_inserter(shape), "{}/{}/{}/{}/{}/{}:{}/{}:{};",
                   lane.rate.floor.as_bits_per_second(), lane.rate.ceiling.as_bits_per_second(),
                   lane.numa_node.value_or(-1), lane.medium ? static_cast<int>(*lane.medium) : -1,
                   lane.vfio ? 1 : 0, lane.link.size(), lane.link, lane.network.size(),
                   lane.network);
  }
  append(shape, ask.same_port, '=');
  append(shape, ask.different_ports, '!');
  return shape;
}

}  // namespace

AskedPod asked_pod(PodFacts facts) {
  AskedPod pod{.facts = std::move(facts)};
  Result<std::optional<AnnotatedPod>> annotated = read_annotations(pod.facts.annotations);
  if (annotated && *annotated && pod.facts.on_host_network) {
    // A node's agent would refuse it, once it is bound and counted.
    if (Result<> fits = check_in_place(**annotated); !fits) annotated = std::move(fits).error();
  }
  if (!annotated) {
    pod.malformed = annotated.error().message();
  } else if (*annotated) {
    pod.ask = std::move((*annotated)->ask);
    pod.shape = shape_of(*pod.ask);
  }
  return pod;
}

void RecentPods::add(std::shared_ptr<const AskedPod> pod) {
  const std::string& uid = pod->facts.uid;
  if (uid.empty()) return;
  const std::lock_guard lock(mutex_);
  const auto [slot, is_new] = pods_.insert_or_assign(uid, pod);
  if (!is_new) return;
  order_.push_back(uid);
  if (order_.size() <= kMost) return;
  pods_.erase(order_.front());
  order_.pop_front();
}

std::shared_ptr<const AskedPod> RecentPods::find(const std::string& uid) const {
  const std::lock_guard lock(mutex_);
  const auto found = pods_.find(uid);
  return found == pods_.end() ? nullptr : found->second;
}

}  // namespace sluice
