#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "agent/published/node_lanes_watch.h"
#include "pkg/base/backoff.h"
#include "pkg/node_lanes/node_lanes.h"

namespace sluice {

/// Called by both threads of the publisher; must only wake, log or count. None may be empty.
struct NodeLanesListener {
  std::function<void()> written;                     ///< One request was carried out.
  std::function<void()> published;                   ///< The server has what is wanted.
  std::function<void(const Error& error)> failed;    ///< Tried again after a back-off.
  std::function<void(const Error& error)> unserved;  ///< Looked at again in a minute.
  /// The scheduler's wishes are others.
  std::function<void(const std::vector<ClassWish>& wishes)> wished;
};

/// Keeps a node's NodeLanes object as it should be, whatever becomes of it on the server, on two
/// threads of its own: watches it, and writes by server-side apply where it says something else
/// than is wanted. So a restart writes nothing. The object stays when this ends: it goes with its
/// Node.
class NodeLanesPublisher final {
 public:
  /// What changes within so long is written together: carriers come up one after the other.
  static constexpr std::chrono::seconds kGathering{1};

  /// Of what it applies; the scheduler's is another.
  static constexpr const char* kFieldManager = "sluiced";

  /// `client` must outlive this object.
  NodeLanesPublisher(ApiClient& client, std::string node, NodeLanesListener listener);
  NodeLanesPublisher(const NodeLanesPublisher&) = delete;
  NodeLanesPublisher& operator=(const NodeLanesPublisher&) = delete;
  ~NodeLanesPublisher() = default;

  /// What is to be there from now on, of the node that was named. Returns at once; nothing is
  /// written before the first. From any thread.
  void publish(NodeLanes wanted);

  /// Nothing is to be there, for there is no such Node; what is there is left to go with it. From
  /// any thread.
  void rest();

  /// Whether the server has what was last wanted. From any thread.
  bool is_published() const;

 private:
  using Wanted = std::shared_ptr<const NodeLanes>;

  void wake();
  void run(const std::stop_token& stop);
  bool wait(const std::stop_token& stop);
  void step(const std::stop_token& stop);
  Result<> bring_in_line(const NodeLanes& wanted);
  Result<> apply(const std::string& path, std::string body);
  void conclude(const Wanted& wanted);
  NodeLanesWatch::Listener watch_listener();
  void take_wishes();

  ApiClient& client_;
  const std::string path_;  ///< Of the object.
  const NodeLanesListener listener_;
  SpreadBackoff backoff_;  // Of the writing thread.

  mutable std::mutex mutex_;  // Guards those below.
  std::condition_variable_any woken_;
  Wanted wanted_;
  bool is_woken_ = false;
  bool is_published_ = false;
  std::vector<ClassWish> wishes_;  // As last told.
  NodeLanesWatch watch_;
  std::jthread thread_;  // The last member: it uses those above.
};

}  // namespace sluice
