#include "pkg/kube/event_series.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {
namespace {

using std::chrono::minutes;

// As client-go folds (tools/events/event_broadcaster.go and tools/record/events_cache.go).
constexpr minutes kSeriesEnds{6};
constexpr minutes kSimilarWithin{10};
constexpr int kSimilarLimit = 10;
constexpr minutes kSendEvery{1};
constexpr std::size_t kRemembered = 512;
constexpr std::size_t kNoteLimit = 1024;  // Bytes (k8s.io/api/events/v1/types.go, Note).
constexpr const char* kCombined = "(combined from similar events) ";

bool is_similar(const Event& a, const Event& b) {
  return a.subject == b.subject && a.type == b.type && a.reason == b.reason && a.action == b.action;
}

bool is_combined(const Event& event) {
  return event.note.starts_with(kCombined);
}

/// Unique for its subject: two events of one subject are not in one nanosecond.
std::string object_name(const Event& event, EventSeries::Time now) {
  // An object's name has 253 bytes at most, the time 16 digits at most.
  return fmt::format("{}.{:x}", event.subject.name.substr(0, 236), now.time_since_epoch().count());
}

}  // namespace

/// `event`, or the series that its like have become.
Event EventSeries::folded(const Event& event, Time now) const {
  int similar = 0;
  for (const Series& series : series_) {
    if (!is_similar(series.event, event) || now - series.last > kSimilarWithin) continue;
    if (is_combined(series.event)) return series.event;
    ++similar;
  }
  Event combined = event;
  if (similar >= kSimilarLimit) combined.note = (kCombined + event.note).substr(0, kNoteLimit);
  return combined;
}

std::optional<EventPost> EventSeries::repeat(Series& series, Time now) {
  ++series.count;
  series.last = now;
  // The second one is sent at once: it shows that this is a series.
  if (series.count > 2 && now - series.sent_at < kSendEvery) return std::nullopt;
  series.sent = series.count;
  series.sent_at = now;
  return EventPost{.name = series.name, .event = series.event, .count = series.count};
}

std::optional<EventPost> EventSeries::add(const Event& happened, Time now) {
  Event event = happened;
  event.note.resize(std::min(event.note.size(), kNoteLimit));
  auto known = places_.find(event);
  if (known == places_.end()) {
    event = folded(event, now);
    known = places_.find(event);
  }
  if (known != places_.end() && now - known->second->last <= kSeriesEnds) {
    series_.splice(series_.begin(), series_, known->second);
    return repeat(*known->second, now);
  }
  if (known != places_.end()) forget(std::string(known->second->name));

  series_.push_front(
      {.event = event, .name = object_name(event, now), .sent_at = now, .last = now});
  places_[event] = series_.begin();
  if (series_.size() > kRemembered) {
    places_.erase(series_.back().event);
    series_.pop_back();
  }
  return EventPost{.name = series_.front().name, .event = event};
}

std::vector<EventPost> EventSeries::due(Time now) {
  std::vector<EventPost> posts;
  for (Series& series : series_) {
    if (series.sent == series.count || now - series.sent_at < kSendEvery) continue;
    series.sent = series.count;
    series.sent_at = now;
    posts.push_back({.name = series.name, .event = series.event, .count = series.count});
  }
  return posts;
}

void EventSeries::forget(const std::string& name) {
  const auto found =
      std::find_if(series_.begin(), series_.end(), [&](const Series& s) { return s.name == name; });
  if (found == series_.end()) return;
  places_.erase(found->event);
  series_.erase(found);
}

}  // namespace sluice
