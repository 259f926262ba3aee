#include "agent/published/published_lanes.h"

#include <utility>

#include "agent/published/published_node.h"

namespace sluice {
namespace {

constexpr const char* kFailed = "failed";
constexpr const char* kUnserved = "unserved";

}  // namespace

void PublishedLanes::show(const NodeState& node, const SetAside& aside) {
  ApiClient* const api = parts_.kubernetes.api();
  const std::optional<NodeIdentity> identity = parts_.kubernetes.identity();
  if (api == nullptr || !identity) {
    if (publisher_ != nullptr) publisher_->rest();
    return;
  }
  if (publisher_ == nullptr) {
    publisher_ = std::make_unique<NodeLanesPublisher>(*api, identity->name, listener());
  }
  publisher_->publish(published_node(node, aside, *identity));
}

NodeLanesListener PublishedLanes::listener() {
  return {.written = [this] { parts_.metrics.add(metric::kNodeLanesWrites, {"done"}); },
          .published =
              [this] {
                const std::lock_guard lock(mutex_);
                const bool had_failed = failures_.recovered(kFailed);
                if (failures_.recovered(kUnserved) || had_failed) {
                  parts_.log.info("NodeLanes is as it should be again");
                }
              },
          .failed =
              [this](const Error& error) {
                parts_.metrics.add(metric::kNodeLanesWrites, {kFailed});
                tell(kFailed, error);
              },
          .unserved = [this](const Error& error) { tell(kUnserved, error); },
          .wished = [this](const std::vector<ClassWish>& wishes) { take(wishes); }};
}

std::map<std::string, int> PublishedLanes::wishes() const {
  const std::lock_guard lock(mutex_);
  return wishes_;
}

void PublishedLanes::take(const std::vector<ClassWish>& wishes) {
  {
    const std::lock_guard lock(mutex_);
    wishes_.clear();
    for (const ClassWish& wish : wishes) wishes_[wish.class_name] = wish.lanes;
  }
  for (const ClassWish& wish : wishes) {
    parts_.log.info("pods wait for a class",
                    {{"class", wish.class_name}, {"offers wanted", wish.lanes}});
  }
  if (wishes.empty()) parts_.log.info("no pod waits for a class any more");
  parts_.wake.notify();
}

void PublishedLanes::tell(const std::string& what, const Error& error) {
  const std::lock_guard lock(mutex_);
  if (!failures_.worth_telling(what, what, std::chrono::steady_clock::now())) return;
  if (what == kUnserved) {
    parts_.log.info("the API server does not know NodeLanes, so the node's lanes are not shown",
                    {{"hint", "kubectl apply -k deploy/inventory"}, {"reason", error.message()}});
    return;
  }
  parts_.log.warn("NodeLanes could not be brought in line; no lane is affected",
                  {{"reason", error.message()}});
}

}  // namespace sluice
