#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "dra/slices/plan.h"
#include "dra/slices/resource_api.h"
#include "pkg/kube/api_client.h"

namespace sluice::dra {

/// The slices of one driver on one node as the server has them, watched on a thread of its own: the
/// kubelet deletes them when it starts, and 30 s after it lost the driver
/// (pkg/kubelet/cm/dra/plugin/dra_plugin_manager.go). Needs the verbs list and watch on
/// resourceslices. Any thread may call.
class SliceWatch final {
 public:
  struct Selection {
    std::string driver;
    std::string node;
  };

  /// Called by the watching thread; must only wake or log.
  struct Listener {
    std::function<void()> listed;   ///< All slices are known, for the first time or again.
    std::function<void()> changed;  ///< One came, changed or went.
    std::function<void(const std::string& verb, const Error& error)> failed;
  };

  struct View {
    ResourceVersion version = ResourceVersion::v1;
    StoredSlices slices;
  };

  /// `client` must outlive this object.
  SliceWatch(ApiClient& client, const Selection& selection, Listener listener);

  /// Null before the first answer, and when the server stopped serving the version.
  std::shared_ptr<const View> latest() const;

  // What the owner learned by its own requests: seen at once, and not undone by events from before.

  void note(StoredSlice slice);
  void forget(const std::string& name);

 private:
  void run(const std::stop_token& stop);
  void follow_version(ResourceVersion version, const std::stop_token& stop);
  void take_list(ResourceVersion version, const std::vector<nlohmann::json>& objects);
  void take_removal(const StoredSlice& slice);
  void publish(std::shared_ptr<const View> view);

  ApiClient& client_;
  const std::string selector_;
  const Listener listener_;
  mutable std::mutex mutex_;  // Guards view_.
  std::shared_ptr<const View> view_;
  std::jthread thread_;  // The last member: it uses those above.
};

}  // namespace sluice::dra
