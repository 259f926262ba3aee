#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

/// What an event is about.
struct EventSubject {
  std::string api_version = "v1";
  std::string kind;        ///< "Pod", "Node", "ResourceClaim" …
  std::string name_space;  ///< Empty for a Node.
  std::string name;
  std::string uid;

  auto operator<=>(const EventSubject&) const = default;
};

/// Something worth telling those who look at an object with kubectl.
struct Event {
  enum class Type { normal, warning };

  EventSubject subject;
  Type type = Type::normal;
  std::string reason;  ///< CamelCase, from a fixed set: "LaneAttached", "OfferWithdrawn" …
  std::string action;  ///< What was done or tried: "Attach".
  std::string note;    ///< A sentence with the numbers.

  auto operator<=>(const Event&) const = default;
};

/// What is to be sent for an event that happened.
struct EventPost {
  std::string name;  ///< Of the Event object.
  Event event;
  std::int32_t count = 1;  ///< 1: create the object; above: set its series to this.
};

/// Folds repetitions together, so that a fault that comes back every second is one Event object
/// whose count grows, sent at most once a minute. Many different notes of one reason on one subject
/// (10 in 10 minutes) become one series too. Remembers the last 512 series. Pure: time is an
/// argument. Not thread-safe.
class EventSeries {
 public:
  using Time = std::chrono::system_clock::time_point;

  /// What to send now for `event`, or nullopt when its count is sent later.
  std::optional<EventPost> add(const Event& event, Time now);

  /// The series whose counts have grown and wait since a minute.
  std::vector<EventPost> due(Time now);

  /// The server does not know the object `name` any more (events live for an hour): the next
  /// repetition creates another.
  void forget(const std::string& name);

 private:
  struct Series {
    Event event;
    std::string name;
    std::int32_t count = 1;
    std::int32_t sent = 1;
    Time sent_at;
    Time last;
  };

  using Place = std::list<Series>::iterator;

  Event folded(const Event& event, Time now) const;
  std::optional<EventPost> repeat(Series& series, Time now);

  std::list<Series> series_;  // The latest repetition first.
  std::map<Event, Place> places_;
};

}  // namespace sluice
