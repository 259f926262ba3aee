#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/cdi/cdi_lane.h"
#include "pkg/cdi/spec.h"

namespace sluice::plugin {

/// Kind of the CDI devices of tokens: "sluice.dev/rdma=token-17".
inline constexpr std::string_view kTokenCdiKind = "sluice.dev/rdma";

/// What a container gets with the token: one device with the character devices of all lanes of its
/// pod and variable_of() each, and the hooks. Pure.
CdiSpec token_cdi_spec(const std::string& token, const std::vector<CdiLane>& lanes,
                       const std::vector<CdiHook>& hooks);

/// The CDI files of tokens, "sluice.dev-rdma_token-17.json". A token without one is a device that
/// the runtime does not know, so its container is not made.
class TokenCdi {
 public:
  /// `path` is /var/run/cdi on a node, and need not exist yet.
  explicit TokenCdi(std::string path) : directory_(std::move(path)) {}

  /// Runtimes that read the directory know the device when it returns. `lanes` are not empty.
  Result<> write(const std::string& token, const std::vector<CdiLane>& lanes,
                 const std::vector<CdiHook>& hooks) const;

  /// Success when there is none.
  Result<> remove(const std::string& token) const;

  /// Tokens that have a file, sorted. Files of the kind with other names are not ours.
  Result<std::vector<std::string>> tokens() const;

 private:
  CdiDirectory directory_;
};

}  // namespace sluice::plugin
