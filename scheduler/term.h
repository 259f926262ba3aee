#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "pkg/kube/api_client.h"
#include "pkg/kube/lease.h"
#include "pkg/placement/score.h"
#include "scheduler/asked_pod.h"
#include "scheduler/binder.h"
#include "scheduler/cluster_view.h"
#include "scheduler/cluster_watch.h"
#include "scheduler/decisions.h"
#include "scheduler/waiting_pods.h"
#include "scheduler/wish_book.h"

namespace sluice {

struct TermOptions {
  std::string domain;  ///< Of the classes' resources.
  Policy policy = Policy::best_suited;
  Binder::MayBind may_bind;
  std::function<std::chrono::nanoseconds()> now = boot_time;
  /// A collection has been listed, or could not be; called by the threads that watch.
  std::function<void(Listed what)> listed;
  std::function<void(Listed what, const Error& error)> failed;
  WishTimes wish_times;
  std::function<void(const GivenUpWish& wish)> given_up;
};

/// What a leader has while it leads. Its view comes from lists that began after it came to lead, so
/// that it has all that leaders before it bound.
class Term final {
 public:
  /// `reads` and `binds`, made with binding_options(), must outlive this object.
  Term(ApiClient& reads, ApiClient& binds, const TermOptions& options)
      : wishes({.times = options.wish_times, .now = options.now, .given_up = options.given_up}),
        decisions(view, options.policy, options.now),
        binder(view, recent, binds,
               {.domain = options.domain, .may_bind = options.may_bind, .now = options.now}),
        watch_(view, waiting, reads,
               {.domain = options.domain, .listed = options.listed, .failed = options.failed}) {}

  /// Which collections have not been listed yet: "nodes, pods"; empty: it is ready to decide.
  std::string missing() const {
    std::string names;
    for (const Listed what : {Listed::nodes, Listed::node_lanes, Listed::pods}) {
      if (view.is_listed(what)) continue;
      names += (names.empty() ? "" : ", ") + to_string(what);
    }
    return names;
  }

  ClusterView view;
  WaitingPods waiting;
  WishBook wishes;
  RecentPods recent;
  Decisions decisions;
  Binder binder;

 private:
  ClusterWatch watch_;  // The last member: its threads use the members above.
};

}  // namespace sluice
