#include "pkg/kube/node_watch.h"

#include <pthread.h>

#include <utility>

#include <nlohmann/json.hpp>

#include "pkg/json/members.h"
#include "pkg/kube/watch.h"

namespace sluice {
namespace {

using nlohmann::json;

std::shared_ptr<const NodeView> view_of(const json& node) {
  Problems ignored;
  Members members(node, "", ignored);
  Members metadata = members.object("metadata");
  return std::make_shared<const NodeView>(
      NodeView{.name = metadata.text("name"),
               .uid = metadata.text("uid"),
               .version = metadata.text("resourceVersion"),
               .allocatable = members.object("status").texts("allocatable"),
               .annotations = metadata.texts("annotations"),
               .labels = metadata.texts("labels"),
               .unschedulable = members.object("spec").boolean("unschedulable", false)});
}

}  // namespace

NodeWatch::NodeWatch(ApiClient& client, const std::string& node, std::function<void()> changed,
                     std::function<void(const Error&)> failed)
    : changed_(std::move(changed)), failed_(std::move(failed)) {
  const Collection own{.path = "/api/v1/nodes", .field_selector = "metadata.name=" + node};
  const WatchListener listener{
      .listed = [this](const auto& found) { publish(found.empty() ? nullptr : view_of(found[0])); },
      .changed = [this](const json& object) { publish(view_of(object)); },
      .removed = [this](const json& /*object*/) { publish(nullptr); },
      .failed = failed_};
  thread_ = std::jthread([&client, own, listener](const std::stop_token& stop) {
    ::pthread_setname_np(::pthread_self(), "node-watch");
    follow(client, own, listener, stop);
  });
}

std::shared_ptr<const NodeView> NodeWatch::latest() const {
  const std::lock_guard lock(mutex_);
  return view_;
}

void NodeWatch::publish(std::shared_ptr<const NodeView> view) {
  {
    const std::lock_guard lock(mutex_);
    view_ = std::move(view);
  }
  if (changed_) changed_();
}

}  // namespace sluice
