#include "agent/published/node_lanes_watch.h"

#include <pthread.h>

#include <utility>

#include <nlohmann/json.hpp>

#include "pkg/json/members.h"
#include "pkg/kube/resource_version.h"
#include "pkg/kube/watch.h"
#include "pkg/node_lanes/node_lanes.h"

namespace sluice {
namespace {

using nlohmann::json;

/// A text of the object's metadata; empty when there is none.
std::string metadata_of(const json& object, const char* key) {
  Problems ignored;
  Members members(object, "", ignored);
  return members.object("metadata").text(key, "");
}

bool is_later(const json& object, const json& known) {
  return is_later_version(metadata_of(object, "resourceVersion"),
                          metadata_of(known, "resourceVersion"));
}

}  // namespace

NodeLanesWatch::NodeLanesWatch(ApiClient& client, std::string node, Listener listener)
    : client_(client), node_(std::move(node)), listener_(std::move(listener)) {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    ::pthread_setname_np(::pthread_self(), "nodelanes-watch");
    run(stop);
  });
}

NodeLanesWatch::View NodeLanesWatch::latest() const {
  const std::lock_guard lock(mutex_);
  return view_;
}

void NodeLanesWatch::note(json object) {
  const std::lock_guard lock(mutex_);
  if (!view_) return;
  const json* const known = view_->get();
  if (known != nullptr && !is_later(object, *known)) return;
  view_ = std::make_shared<const json>(std::move(object));
}

void NodeLanesWatch::take_list(const std::vector<json>& objects) {
  publish(objects.empty() ? nullptr : std::make_shared<const json>(objects.front()));
}

void NodeLanesWatch::take_removal(const json& object) {
  const std::lock_guard lock(mutex_);
  if (!view_ || *view_ == nullptr) return;
  // It may have been created again since.
  if (metadata_of(**view_, "uid") == metadata_of(object, "uid")) *view_ = nullptr;
}

void NodeLanesWatch::publish(View view) {
  const std::lock_guard lock(mutex_);
  view_ = std::move(view);
}

void NodeLanesWatch::run(const std::stop_token& stop) {
  while (!stop.stop_requested() && !client_.options().stop.stop_requested()) {
    follow_object(stop);
    publish(std::nullopt);
    client_.options().pause(kUnservedPause, stop);
  }
}

/// Until the stop, or until the server does not know the kind.
void NodeLanesWatch::follow_object(const std::stop_token& stop) {
  std::stop_source gone;
  const std::stop_callback on_stop(stop, [&gone] { gone.request_stop(); });
  const Collection collection{.path = std::string(kNodeLanesPath),
                              .field_selector = "metadata.name=" + node_,
                              .label_selector = {}};
  follow(client_, collection,
         {.listed =
              [this](const std::vector<json>& objects) {
                take_list(objects);
                listener_.changed();
              },
          .changed =
              [this](const json& object) {
                note(object);
                listener_.changed();
              },
          .removed =
              [this](const json& object) {
                take_removal(object);
                listener_.changed();
              },
          .failed =
              [&](const Error& error) {
                if (error.code() != Code::not_found) return listener_.failed(error);
                gone.request_stop();
                listener_.unserved(error);
              }},
         gone.get_token());
}

}  // namespace sluice
