#include "scheduler/run.h"

#include <cstdio>
#include <iostream>

#include "pkg/daemon/termination.h"
#include "pkg/kube/access.h"
#include "scheduler/scheduler.h"

namespace sluice {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUse = 2;

Result<> run(const SchedulerOptions& options, LogOutput& output) {
  const Termination termination;  // Before any other thread.
  const auto access = TRY(find_access(options.kubeconfig).context("access to the API server"));
  if (!access) {
    return Error(Code::invalid_argument,
                 "no access to the API server: run in a pod with a service account, or give "
                 "--kubeconfig");
  }
  const auto scheduler = TRY(Scheduler::start(options, *access, output));
  termination.wait();
  return {};
}

}  // namespace

const char* const kSchedulerManual =
    R"(The scheduler extender of Sluice: kube-scheduler sends pods only to nodes where
all their lanes fit, prefers the node that suits them best, and binds them with
the reservation in the same write.

It answers POST /scheduler/filter, /scheduler/prioritize and /scheduler/bind as
kube-scheduler's extenders do (KubeSchedulerConfiguration, extenders[]), and
/scheduler/rdma_scheduling as the papers' extender did. Pods say what they need in
the annotations sluice.dev/lanes or rdma_interfaces_required; others pass through.
Where pods wait for a class it wishes for offers of it in NodeLanes; while they
move, pods of other classes are kept away from the node as far as needed.

What nodes can give is read from their NodeLanes, what pods have of it from the
pods, all by watches; nothing is stored. Of several replicas the holder of a Lease
answers and is ready; another takes over when it ends. With --service the leader has
a Service lead to itself, and those that wait are ready as well.

GET /readyz, /livez and /metrics answer on the same port.

Exit codes: 0 ended by a signal, 1 failure, 2 wrong use.)";

int run_scheduler(const SchedulerOptions& options) {
  const Result<LogLevel> level = parse_log_level(options.log_level);
  if (!level) {
    fmt::print(stderr, "sluice-scheduler: {}\n", level.error().message());
    return kWrongUse;
  }
  LogOutput output(*level, options.log_json ? LogFormat::json : LogFormat::text, std::cout);
  const Result<> done = run(options, output);
  if (done) return 0;
  fmt::print(stderr, "sluice-scheduler: {}\n", done.error().message());
  return done.error().code() == Code::invalid_argument ? kWrongUse : kFailed;
}

}  // namespace sluice
