#pragma once

#include <string>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/kubelet/allocations.h"
#include "pkg/kubelet/device_checkpoint.h"
#include "pkg/kubelet/pod_resources_client.h"
#include "pkg/ledger/grant_store.h"

namespace sluice {

/// The pod that the kubelet has given a token to.
struct TokenHolder {
  std::string uid;
  std::string pod;  ///< "namespace/name"; empty for one of whom an init container has the token.

  friend bool operator==(const TokenHolder&, const TokenHolder&) = default;
};

/// Who holds `token` by what the kubelet says just now: PodResources lists the pod's name, which a
/// deleted pod may have had as well, and no init container; the checkpoint has its UID. busy when
/// that is not exactly one pod. Pure.
Result<TokenHolder> holder_of(const DeviceKey& token, const std::vector<PodDevice>& listed,
                              const std::vector<CheckpointDevice>& kept);

/// The grant that the pod has by its annotation; busy when it has none. Pure.
Result<Grant> grant_of(const TokenHolder& holder, const std::vector<Grant>& grants);

}  // namespace sluice
