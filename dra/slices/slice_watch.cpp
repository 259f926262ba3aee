#include "dra/slices/slice_watch.h"

#include <fmt/format.h>
#include <pthread.h>

#include <cstdint>
#include <utility>

#include <nlohmann/json.hpp>

#include "pkg/base/backoff.h"
#include "pkg/kube/resource_version.h"
#include "pkg/kube/watch.h"

namespace sluice::dra {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Backoff::Limits kBackoff{.first = milliseconds(500), .longest = seconds(30)};

/// The verb that the error of follow() is about.
std::string verb_of(const Error& error) {
  return error.message().starts_with("watch") ? "watch" : "list";
}

}  // namespace

SliceWatch::SliceWatch(ApiClient& client, const Selection& selection, Listener listener)
    : client_(client),
      selector_(fmt::format("spec.nodeName={},spec.driver={}", selection.node, selection.driver)),
      listener_(std::move(listener)) {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    ::pthread_setname_np(::pthread_self(), "slice-watch");
    run(stop);
  });
}

std::shared_ptr<const SliceWatch::View> SliceWatch::latest() const {
  const std::lock_guard lock(mutex_);
  return view_;
}

void SliceWatch::note(StoredSlice slice) {
  const std::lock_guard lock(mutex_);
  if (view_ == nullptr) return;
  const auto known = view_->slices.find(slice.name);
  const bool is_known =
      known != view_->slices.end() && !is_later_version(slice.version, known->second.version);
  if (is_known) return;
  auto view = std::make_shared<View>(*view_);
  const std::string name = slice.name;
  view->slices.insert_or_assign(name, std::move(slice));
  view_ = std::move(view);
}

void SliceWatch::forget(const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (view_ == nullptr) return;
  auto view = std::make_shared<View>(*view_);
  view->slices.erase(name);
  view_ = std::move(view);
}

void SliceWatch::take_removal(const StoredSlice& slice) {
  const std::shared_ptr<const View> view = latest();
  if (view == nullptr) return;
  const auto known = view->slices.find(slice.name);
  // It may have been created again since.
  if (known != view->slices.end() && known->second.uid == slice.uid) forget(slice.name);
}

void SliceWatch::take_list(ResourceVersion version, const std::vector<json>& objects) {
  auto view = std::make_shared<View>();
  view->version = version;
  for (const json& object : objects) {
    StoredSlice slice = decode_stored(object);
    const std::string name = slice.name;
    view->slices.insert_or_assign(name, std::move(slice));
  }
  publish(std::move(view));
}

void SliceWatch::publish(std::shared_ptr<const View> view) {
  const std::lock_guard lock(mutex_);
  view_ = std::move(view);
}

void SliceWatch::run(const std::stop_token& stop) {
  SpreadBackoff backoff(kBackoff, static_cast<std::uint32_t>(std::random_device{}()));
  while (!stop.stop_requested()) {
    const Result<ResourceVersion> version = find_version(client_);
    if (version) {
      follow_version(*version, stop);
      if (latest() != nullptr) backoff.reset();
      publish(nullptr);
    } else {
      listener_.failed("get", version.error());
    }
    if (client_.options().stop.stop_requested()) return;
    client_.options().pause(backoff.next(), stop);
  }
}

/// Until the stop, or until the server does not serve the version any more.
void SliceWatch::follow_version(ResourceVersion version, const std::stop_token& stop) {
  std::stop_source gone;
  const std::stop_callback on_stop(stop, [&gone] { gone.request_stop(); });
  const Collection collection{
      .path = slices_path(version), .field_selector = selector_, .label_selector = {}};
  follow(client_, collection,
         {.listed =
              [&](const std::vector<json>& objects) {
                take_list(version, objects);
                listener_.listed();
              },
          .changed =
              [&](const json& object) {
                note(decode_stored(object));
                listener_.changed();
              },
          .removed =
              [&](const json& object) {
                take_removal(decode_stored(object));
                listener_.changed();
              },
          .failed =
              [&](const Error& error) {
                if (error.code() == Code::not_found) gone.request_stop();
                listener_.failed(verb_of(error), error);
              }},
         gone.get_token());
}

}  // namespace sluice::dra
