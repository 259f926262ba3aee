#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

#include "agent/classes/allocated_vfs.h"
#include "agent/config/live_config.h"
#include "agent/pods/token_lanes.h"
#include "pkg/daemon/log.h"
#include "plugin/answers.h"
#include "plugin/token_cdi.h"
#include "plugin/tokens.h"

namespace sluice {

/// The resource of tokens, "sluice.dev/rdma". Allocate, which comes when the pod is admitted and
/// does not say whose it is, names a CDI device of the token, and takes away what that was for the
/// token's last pod. PreStartContainer, after the pod's network is there, makes it a device with
/// the character devices of the lanes that the pod has. The runtime reads it after that; a device
/// that was not made fails the container.
class TokenAnswers final : public plugin::Answers {
 public:
  /// The references must outlive this object.
  struct Parts {
    std::string resource;  ///< "sluice.dev/rdma"
    TokenLanes::Parts lanes;
    std::string cdi_dir;
    std::string memlock_hook;  ///< On the host (hook/).
    const LiveConfig& config;
    AllocatedVfs& allocated;
    std::size_t first = 0;  ///< Which token to give first: any number.
  };

  TokenAnswers(Parts parts, Log log);

  std::vector<plugin::DeviceEntry> list() const override { return plugin::token_list(); }

  /// The token that was given away last is the next one's last choice: a runtime that is slow to
  /// see the directory change has seen the end of a token long before it comes again.
  Result<std::vector<std::string>> prefer(const plugin::PreferenceRequest& request) const override;

  /// not_found for what is no token.
  Result<std::vector<plugin::AllocateResponse>> allocate(
      const std::vector<std::vector<std::string>>& containers) override;

  /// As TokenLanes::of(). Nothing is left of a token that is refused.
  Result<> starts(const std::vector<std::string>& ids) override;

  /// Removes the files of tokens that no pod has any more; AllocatedVfs must know.
  Result<> sweep();

 private:
  Result<> make(const std::string& token);

  Parts parts_;
  Log log_;
  TokenLanes lanes_;
  plugin::TokenCdi cdi_;
  mutable std::mutex mutex_;  // Guards next_.
  std::size_t next_;
};

}  // namespace sluice
