#include "pkg/kube/event_recorder.h"

#include <pthread.h>

#include <utility>

#include <nlohmann/json.hpp>

#include "pkg/kube/micro_time.h"

namespace sluice {
namespace {

using nlohmann::json;

constexpr std::size_t kWaitingLimit = 256;
constexpr std::chrono::seconds kLook{30};  // How often counts that wait are looked for.

/// Events about objects without a namespace live in this one (kubernetes' event validation).
std::string namespace_of(const EventSubject& subject) {
  return subject.name_space.empty() ? "default" : subject.name_space;
}

std::string collection_of(const EventSubject& subject) {
  return fmt::format("/apis/events.k8s.io/v1/namespaces/{}/events", namespace_of(subject));
}

json regarding(const EventSubject& subject) {
  json object = {{"apiVersion", subject.api_version},
                 {"kind", subject.kind},
                 {"name", subject.name},
                 {"uid", subject.uid}};
  if (!subject.name_space.empty()) object["namespace"] = subject.name_space;
  return object;
}

std::string text_of(const json& object) {
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

EventRecorder::EventRecorder(ApiClient& client, Options options)
    : client_(client), options_(std::move(options)) {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    ::pthread_setname_np(::pthread_self(), "events");
    run(stop);
  });
}

EventRecorder::~EventRecorder() = default;

void EventRecorder::record(Event event) {
  bool has_room = false;
  {
    const std::lock_guard lock(mutex_);
    has_room = waiting_.size() < kWaitingLimit;
    if (has_room) waiting_.push_back(std::move(event));
  }
  if (has_room) {
    woken_.notify_one();
  } else if (options_.dropped) {
    options_.dropped();
  }
}

void EventRecorder::wake() {
  {
    const std::lock_guard lock(mutex_);
    is_woken_ = true;
  }
  woken_.notify_one();
}

void EventRecorder::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::deque<Event> batch;
    {
      std::unique_lock lock(mutex_);
      woken_.wait_for(lock, stop, kLook, [this] { return is_woken_ || !waiting_.empty(); });
      batch.swap(waiting_);
      is_woken_ = false;
    }
    for (const Event& event : batch) {
      if (stop.stop_requested()) return;
      if (const std::optional<EventPost> post = series_.add(event, options_.now())) send(*post);
    }
    for (const EventPost& post : series_.due(options_.now())) {
      if (!stop.stop_requested()) send(post);
    }
  }
}

void EventRecorder::send(const EventPost& post) {
  Result<> sent = post.count == 1 ? create(post) : update(post);
  if (!sent && sent.error().code() == Code::not_found && post.count > 1) {
    // Expired on the server, or its creation failed: tell it again.
    series_.forget(post.name);
    const std::optional<EventPost> next = series_.add(post.event, options_.now());
    if (next) sent = create(*next);
  }
  if (!sent && options_.failed) options_.failed(sent.error());
}

Result<> EventRecorder::create(const EventPost& post) {
  const Event& event = post.event;
  const json object = {
      {"apiVersion", "events.k8s.io/v1"},
      {"kind", "Event"},
      {"metadata", {{"name", post.name}, {"namespace", namespace_of(event.subject)}}},
      {"eventTime", micro_time(options_.now())},
      {"regarding", regarding(event.subject)},
      {"type", event.type == Event::Type::normal ? "Normal" : "Warning"},
      {"reason", event.reason},
      {"action", event.action},
      {"note", event.note},
      {"reportingController", options_.controller},
      {"reportingInstance", options_.instance}};
  TRY(client_.create(collection_of(event.subject), text_of(object)));
  return {};
}

Result<> EventRecorder::update(const EventPost& post) {
  const json change = {
      {"series", {{"count", post.count}, {"lastObservedTime", micro_time(options_.now())}}}};
  TRY(client_.patch(collection_of(post.event.subject) + "/" + post.name,
                    {.kind = PatchKind::merge, .body = text_of(change)}));
  return {};
}

}  // namespace sluice
