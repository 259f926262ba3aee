#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "pkg/base/error.h"
#include "pkg/kube/api_client.h"
#include "pkg/kube/event_series.h"

namespace sluice {

/// Sends events to the API server (events.k8s.io/v1) from a thread of its own, repetitions folded
/// (see EventSeries). Events are news, not records: those that can't be sent in time are lost, and
/// no caller ever waits for one. Thread-safe. Needs the verbs create and patch on events of
/// events.k8s.io.
class EventRecorder final {
 public:
  struct Options {
    std::string controller = "sluice.dev/agent";  ///< reportingController: a qualified name.
    std::string instance;                         ///< reportingInstance: the node's name.
    std::function<void(const Error&)> failed;     ///< Called by the sending thread; may be empty.
    /// Called when an event is dropped, by the thread that records it; may be empty.
    std::function<void()> dropped = {};
    std::function<EventSeries::Time()> now = [] { return std::chrono::system_clock::now(); };
  };

  /// `client` must outlive this object.
  EventRecorder(ApiClient& client, Options options);
  EventRecorder(const EventRecorder&) = delete;
  EventRecorder& operator=(const EventRecorder&) = delete;

  /// What has not been sent is dropped. A call in flight ends with the client's stop, or its
  /// deadline.
  ~EventRecorder();

  /// Returns at once. When 256 wait already, the event is dropped.
  void record(Event event);

  /// Sends counts that wait, without waiting for their minute to be noticed: for tests.
  void wake();

 private:
  void run(const std::stop_token& stop);
  void send(const EventPost& post);
  Result<> create(const EventPost& post);
  Result<> update(const EventPost& post);

  ApiClient& client_;
  const Options options_;
  EventSeries series_;        // Of the sending thread.
  mutable std::mutex mutex_;  // Guards those below.
  std::condition_variable_any woken_;
  std::deque<Event> waiting_;
  bool is_woken_ = false;
  std::jthread thread_;  // The last member: it uses those above.
};

}  // namespace sluice
