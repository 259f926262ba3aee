#pragma once

#include <string>
#include <vector>

#include "test/unit/plugin/plugin_world.h"

namespace sluice::plugin {

/// A plugin that is registered, and has been asked for its lists.
class Serving : public PluginWorld {
 protected:
  void begin(const DeviceSnapshotPtr& snapshot) {
    use_kubelet(FakeKubelet::Registry::watched);
    kubelet->start();
    start_plugin(snapshot);
    for (const ClassDevices& offered : snapshot->classes) {
      ASSERT_TRUE(kubelet->wait([&] { return kubelet->resource(offered.resource).lists > 0; }));
    }
  }

  /// One container's devices.
  Result<GivenContainer> allocate(const std::vector<std::string>& ids,
                                  const std::string& resource = kGold) {
    const auto containers = TRY(kubelet->allocate(resource, {ids}));
    if (containers.size() != 1) return Error(Code::internal, "want one container");
    return containers.front();
  }
};

}  // namespace sluice::plugin
