#include "agent/published/node_lanes_publisher.h"

#include <fmt/format.h>
#include <pthread.h>

#include <random>
#include <utility>

#include <nlohmann/json.hpp>

#include "agent/published/node_lanes_step.h"
#include "pkg/json/document.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Backoff::Limits kBackoff{.first = milliseconds(500), .longest = seconds(30)};
// One write for the object, one for its status, one more of each where a person interferes.
constexpr int kMostWrites = 4;

}  // namespace

NodeLanesPublisher::NodeLanesPublisher(ApiClient& client, std::string node,
                                       NodeLanesListener listener)
    : client_(client),
      path_(fmt::format("{}/{}", kNodeLanesPath, url_encode(node))),
      listener_(std::move(listener)),
      backoff_(kBackoff, static_cast<std::uint32_t>(std::random_device{}())),
      watch_(client, std::move(node), watch_listener()) {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    ::pthread_setname_np(::pthread_self(), "nodelanes");
    run(stop);
  });
}

NodeLanesWatch::Listener NodeLanesPublisher::watch_listener() {
  return {.changed =
              [this] {
                take_wishes();
                wake();
              },
          .failed = listener_.failed,
          .unserved = listener_.unserved};
}

/// Those of a damaged object are none: what is offered goes by the configuration again.
void NodeLanesPublisher::take_wishes() {
  const NodeLanesWatch::View view = watch_.latest();
  if (!view) return;
  std::vector<ClassWish> wishes;
  if (*view != nullptr) wishes = decode_wishes(**view).value_or(std::vector<ClassWish>());
  {
    const std::lock_guard lock(mutex_);
    if (wishes == wishes_) return;
    wishes_ = wishes;
  }
  listener_.wished(wishes);
}

void NodeLanesPublisher::publish(NodeLanes wanted) {
  {
    const std::lock_guard lock(mutex_);
    if (wanted_ != nullptr && *wanted_ == wanted) return;
    wanted_ = std::make_shared<const NodeLanes>(std::move(wanted));
    is_published_ = false;
  }
  wake();
}

void NodeLanesPublisher::rest() {
  const std::lock_guard lock(mutex_);
  wanted_ = nullptr;
  is_published_ = false;
}

bool NodeLanesPublisher::is_published() const {
  const std::lock_guard lock(mutex_);
  return is_published_;
}

void NodeLanesPublisher::wake() {
  {
    const std::lock_guard lock(mutex_);
    is_woken_ = true;
  }
  woken_.notify_one();
}

void NodeLanesPublisher::run(const std::stop_token& stop) {
  while (wait(stop)) {
    client_.options().pause(kGathering, stop);
    step(stop);
  }
}

/// Until there is something to look at; false at the stop.
bool NodeLanesPublisher::wait(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  woken_.wait(lock, stop, [this] { return is_woken_; });
  is_woken_ = false;
  return !stop.stop_requested();
}

void NodeLanesPublisher::step(const std::stop_token& stop) {
  Wanted wanted;
  {
    const std::lock_guard lock(mutex_);
    wanted = wanted_;
  }
  if (wanted == nullptr || !watch_.latest()) return;  // Their arrival wakes.
  const Result<> done = bring_in_line(*wanted);
  if (done) return conclude(wanted);
  {
    const std::lock_guard lock(mutex_);
    is_published_ = false;
  }
  if (stop.stop_requested() || client_.options().stop.stop_requested()) return;
  listener_.failed(done.error());
  client_.options().pause(backoff_.next(), stop);
  wake();
}

/// Each write is judged by the server's answer: what it keeps otherwise is not written for ever.
Result<> NodeLanesPublisher::bring_in_line(const NodeLanes& wanted) {
  for (int writes = 0; writes <= kMostWrites; ++writes) {
    const NodeLanesWatch::View view = watch_.latest();
    if (!view) return {};
    const NodeLanesStep next = next_step(wanted, *view == nullptr ? nlohmann::json() : **view);
    if (next == NodeLanesStep::nothing) return {};
    if (next == NodeLanesStep::own) {
      TRY(apply(path_, owner_patch(wanted)));
    } else {
      TRY(apply(path_ + "/status", status_patch(wanted)));
    }
  }
  return Error(Code::internal,
               fmt::format("NodeLanes '{}' is not what was written, {} times in a row", wanted.node,
                           kMostWrites));
}

Result<> NodeLanesPublisher::apply(const std::string& path, std::string body) {
  const std::string answer = TRY(client_.patch(
      path, {.kind = PatchKind::apply, .body = std::move(body), .field_manager = kFieldManager}));
  listener_.written();
  watch_.note(parse_document(answer));
  return {};
}

void NodeLanesPublisher::conclude(const Wanted& wanted) {
  backoff_.reset();
  if (!watch_.latest()) return;  // The server knows the kind no more.
  {
    const std::lock_guard lock(mutex_);
    if (wanted_ != wanted) return;  // It is another by now.
    if (std::exchange(is_published_, true)) return;
  }
  listener_.published();
}

}  // namespace sluice
