#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "pkg/kube/api_client.h"

namespace sluice {

/// One NodeLanes object as the server has it, watched on a thread of its own. Needs the verbs list
/// and watch on nodelanes. Any thread may call.
class NodeLanesWatch final {
 public:
  /// From a server that does not know the kind to the next look: people apply its definition.
  static constexpr std::chrono::minutes kUnservedPause{1};

  /// Called by the watching thread; must only wake or log.
  struct Listener {
    std::function<void()> changed;  ///< latest() is another.
    std::function<void(const Error& error)> failed;
    std::function<void(const Error& error)> unserved;  ///< The server does not know the kind.
  };

  /// `client` must outlive this object.
  NodeLanesWatch(ApiClient& client, std::string node, Listener listener);

  /// nullopt while it is not known what the server has, nullptr where it has no such object.
  using View = std::optional<std::shared_ptr<const nlohmann::json>>;
  View latest() const;

  /// The server's answer to a write of the owner: seen at once, and not undone by events from
  /// before.
  void note(nlohmann::json object);

 private:
  void run(const std::stop_token& stop);
  void follow_object(const std::stop_token& stop);
  void take_list(const std::vector<nlohmann::json>& objects);
  void take_removal(const nlohmann::json& object);
  void publish(View view);

  ApiClient& client_;
  const std::string node_;
  const Listener listener_;
  mutable std::mutex mutex_;  // Guards view_.
  View view_;
  std::jthread thread_;  // The last member: it uses those above.
};

}  // namespace sluice
