#pragma once

#include <functional>

#include "pkg/base/result.h"
#include "pkg/kube/api_client.h"
#include "scheduler/cluster_view.h"
#include "scheduler/waiting_pods.h"
#include "scheduler/wish_book.h"

namespace sluice {

/// Has the wishes in NodeLanes say what waiting pods need, by server-side apply as field manager
/// `sluice-scheduler`: to be called every few seconds while this replica leads and has read the
/// cluster. Where nothing has to change, nothing is written. At most kMostWrites nodes are written
/// to at a time; the next call goes on. `may_write` is asked before each. What is given up in
/// `book` is taken back, and wished of the next best node.
Result<> write_wishes(ApiClient& client, const ClusterView& view, const WaitingPods& waiting,
                      WishBook& book, const std::function<bool()>& may_write);

/// A burst of requests that an API server takes from one client without a wait.
inline constexpr int kMostWrites = 50;

}  // namespace sluice
