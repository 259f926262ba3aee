#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "pkg/base/error.h"
#include "pkg/kube/api_client.h"

namespace sluice {

/// Objects of one kind, all or those that selectors leave.
struct Collection {
  std::string path;  ///< "/api/v1/nodes", "/apis/resource.k8s.io/v1/resourceslices" …
  std::string field_selector;
  std::string label_selector;
};

/// What becomes of a collection. Called by the thread that follows it, one at a time; the objects
/// are the server's.
struct WatchListener {
  /// A list is about to be asked for, which says what is there from now on or later; also in place
  /// of one that failed halfway. May be empty.
  std::function<void()> begun = {};
  /// Some of a list's objects: for a collection that is too large to be held at once. May be empty;
  /// else `listed` follows with no objects when they all have come.
  std::function<void(const std::vector<nlohmann::json>& objects)> page = {};
  /// The whole collection as it is now: at the start, and again whenever the server could not go on
  /// where the watch had ended. What is missing has been deleted meanwhile.
  std::function<void(const std::vector<nlohmann::json>& objects)> listed;
  std::function<void(const nlohmann::json& object)> changed;  ///< Or added.
  std::function<void(const nlohmann::json& object)> removed;  ///< As it was last.
  /// Something is wrong for now; it is tried again after a back-off. May be empty.
  std::function<void(const Error& error)> failed;
};

/// Lists the collection and watches it until the stop, whatever happens: watches end and are begun
/// again where they ended, a resourceVersion that has expired means another list, and so does a
/// failure, after a back-off with jitter or for as long as the server says: `listed` then says that
/// all is well again.
///
/// Lists ask for the most recent state, never for a cached one, so that what is seen never goes
/// back.
void follow(ApiClient& client, const Collection& collection, const WatchListener& listener,
            const std::stop_token& stop);

}  // namespace sluice
