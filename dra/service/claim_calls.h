#pragma once

#include <utility>
#include <vector>

#include "dra/service/claim_handler.h"
#include "pkg/daemon/log.h"
#include "pkg/rpc/relay.h"

namespace sluice::dra {

/// Has a handler carry out the calls of the kubelet: the claims of one call beside each other, up
/// to kMostAtOnce, with one line in the log for each. Thread-safe.
class ClaimCalls {
 public:
  /// Of one call. Most of the time of a claim goes by waiting for the API server and the kernel.
  static constexpr std::size_t kMostAtOnce = 8;

  /// The handler must outlive this object.
  ClaimCalls(ClaimHandler& handler, Log log) : handler_(handler), log_(std::move(log)) {}

  /// Of both calls.
  Relay& relay() { return relay_; }

  /// An answer for each claim, in their order.
  std::vector<Result<std::vector<PreparedDevice>>> prepare(const std::vector<ClaimRef>& claims);
  std::vector<Result<>> unprepare(const std::vector<ClaimRef>& claims);

 private:
  ClaimHandler& handler_;
  Log log_;
  Relay relay_;
};

}  // namespace sluice::dra
