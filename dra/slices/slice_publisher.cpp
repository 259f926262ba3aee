#include "dra/slices/slice_publisher.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <random>
#include <utility>

#include "dra/slices/dropped.h"

namespace sluice::dra {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Backoff::Limits kBackoff{.first = milliseconds(500), .longest = seconds(30)};
// A conflict or a dropped field costs a round; more of them in a row are waited out.
constexpr int kRounds = 8;

const StoredSlice* find(const SliceWatch::View& view, const std::string& name) {
  const auto found = view.slices.find(name);
  return found == view.slices.end() ? nullptr : &found->second;
}

}  // namespace

SlicePublisher::SlicePublisher(ApiClient& client, const SliceWatch::Selection& selection,
                               SliceListener listener)
    : client_(client),
      listener_(std::move(listener)),
      backoff_(kBackoff, static_cast<std::uint32_t>(std::random_device{}())),
      watch_(client, selection, watch_listener()) {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    ::pthread_setname_np(::pthread_self(), "slices");
    run(stop);
  });
}

SliceWatch::Listener SlicePublisher::watch_listener() {
  return {.listed =
              [this] {
                {
                  const std::lock_guard lock(mutex_);
                  is_relisted_ = true;
                  is_refused_ = false;
                }
                wake();
              },
          .changed = [this] { wake(); },
          .failed =
              [this](const std::string& verb, const Error& error) {
                if (error.code() == Code::permission_denied) {
                  const std::lock_guard lock(mutex_);
                  is_refused_ = true;
                }
                if (listener_.failed) listener_.failed(verb, error);
              }};
}

void SlicePublisher::publish(ClaimNode node) {
  {
    const std::lock_guard lock(mutex_);
    if (wanted_ != nullptr && *wanted_ == node) return;
    wanted_ = std::make_shared<const ClaimNode>(std::move(node));
    is_published_ = false;
  }
  wake();
}

bool SlicePublisher::is_published() const {
  const std::lock_guard lock(mutex_);
  return is_published_ && !is_refused_;
}

void SlicePublisher::wake() {
  {
    const std::lock_guard lock(mutex_);
    is_woken_ = true;
  }
  woken_.notify_one();
}

void SlicePublisher::run(const std::stop_token& stop) {
  while (wait(stop)) step(stop);
}

/// Until there is something to look at; false at the stop.
bool SlicePublisher::wait(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  woken_.wait(lock, stop, [this] { return is_woken_; });
  is_woken_ = false;
  if (std::exchange(is_relisted_, false)) features_ = {};
  return !stop.stop_requested();
}

void SlicePublisher::step(const std::stop_token& stop) {
  std::shared_ptr<const ClaimNode> node;
  {
    const std::lock_guard lock(mutex_);
    node = wanted_;
  }
  if (node == nullptr || watch_.latest() == nullptr) return;  // Their arrival wakes.
  const Failure failure = bring_in_line(*node);
  if (!failure) {
    backoff_.reset();
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    is_published_ = false;
  }
  if (client_.options().stop.stop_requested()) return;
  if (listener_.failed) listener_.failed(failure->verb, failure->error);
  client_.options().pause(backoff_.next(), stop);
  wake();
}

SlicePublisher::Failure SlicePublisher::bring_in_line(const ClaimNode& node) {
  for (int round = 0; round < kRounds; ++round) {
    const std::shared_ptr<const SliceWatch::View> view = watch_.latest();
    if (view == nullptr) return std::nullopt;
    const SliceSet set = make_slices(node, features_);
    const SlicePlan plan = plan_slices(set.slices, view->slices);
    if (plan.empty()) {
      tell_omissions(set.omissions);
      conclude(node, set.slices);
      return std::nullopt;
    }
    has_learned_ = false;
    if (Failure failure = carry_out(plan, *view)) return failure;
  }
  return SliceFailure{
      .verb = "update",
      .error = Error(Code::internal, fmt::format("ResourceSlices of node '{}' are not what was "
                                                 "written, {} times in a row",
                                                 node.name, kRounds))};
}

SlicePublisher::Failure SlicePublisher::carry_out(const SlicePlan& plan,
                                                  const SliceWatch::View& view) {
  for (const Slice& slice : plan.writes) {
    if (is_proven(features_, slice)) continue;
    if (Failure failure = write(slice, view, WriteMode::trial)) return failure;
    if (has_learned_) return std::nullopt;
  }
  for (const Slice& slice : plan.writes) {
    if (Failure failure = write(slice, view, WriteMode::real)) return failure;
    if (has_learned_) return std::nullopt;
  }
  const SliceWriter writer(client_, view.version);
  for (const std::string& name : plan.removes) {
    const Result<> removed = writer.remove(view.slices.at(name));
    if (!removed) return look_again(writer, name, {.verb = "delete", .error = removed.error()});
    ++writes_;
    watch_.forget(name);
  }
  return std::nullopt;
}

SlicePublisher::Failure SlicePublisher::write(const Slice& slice, const SliceWatch::View& view,
                                              WriteMode mode) {
  const SliceWriter writer(client_, view.version);
  const StoredSlice* const replaced = find(view, slice.name);
  Result<StoredSlice> answer = writer.write(slice, replaced, mode);
  if (!answer) {
    return look_again(writer, slice.name,
                      {.verb = replaced == nullptr ? "create" : "update", .error = answer.error()});
  }
  if (answer->content) {
    std::vector<std::string> dropped = learn(features_, slice, *answer->content);
    has_learned_ = !dropped.empty();
    tell_dropped(std::move(dropped));
  }
  if (mode == WriteMode::trial) return std::nullopt;
  ++writes_;
  watch_.note(*std::move(answer));
  return std::nullopt;
}

/// After a failure that says that the server has something else than was thought: learns what it
/// has. Any other failure is returned.
SlicePublisher::Failure SlicePublisher::look_again(const SliceWriter& writer,
                                                   const std::string& name, SliceFailure failure) {
  const Code code = failure.error.code();
  if (code != Code::already_exists && code != Code::busy && code != Code::not_found) {
    return failure;
  }
  Result<StoredSlice> now = writer.read(name);
  has_learned_ = true;
  if (now) {
    watch_.note(*std::move(now));
  } else if (now.error().code() == Code::not_found) {
    watch_.forget(name);
  } else {
    return failure;
  }
  return std::nullopt;
}

void SlicePublisher::tell_omissions(const Omissions& omissions) {
  if (omissions == told_omissions_) return;
  told_omissions_ = omissions;
  if (listener_.omitted) listener_.omitted(omissions);
}

void SlicePublisher::tell_dropped(std::vector<std::string> fields) {
  std::erase_if(fields, [this](const std::string& field) { return told_dropped_.contains(field); });
  if (fields.empty()) return;
  told_dropped_.insert(fields.begin(), fields.end());
  if (listener_.dropped) listener_.dropped(fields);
}

void SlicePublisher::conclude(const ClaimNode& node, const std::vector<Slice>& slices) {
  bool is_news = writes_ != 0;
  {
    const std::lock_guard lock(mutex_);
    is_news = is_news || !is_published_;
    is_published_ = wanted_.get() == &node;  // It may want something else by now.
  }
  PublishedSlices published{.slices = slices.size(),
                            .devices = 0,
                            .writes = std::exchange(writes_, 0),
                            .shared_devices = features_.shared_devices.value_or(true)};
  for (const Slice& slice : slices) published.devices += slice.devices.size();
  if (is_news && listener_.published) listener_.published(published);
}

}  // namespace sluice::dra
