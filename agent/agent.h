#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "agent/change_watcher.h"
#include "agent/front_ends.h"
#include "agent/node_loop.h"
#include "agent/pod_lanes/pod_resolver.h"
#include "agent/published/inventory_server.h"
#include "agent/published/latest_node.h"
#include "agent/published/published_lanes.h"
#include "agent/published/vf_lists.h"
#include "agent/repair/repairs.h"
#include "agent/run_options.h"
#include "pkg/daemon/probes.h"
#include "pkg/daemon/worker.h"
#include "pkg/fs/event_fd.h"
#include "pkg/http/server.h"
#include "pkg/lane/lanes.h"
#include "pkg/netlink/kernel.h"
#include "pkg/podlanes/server.h"

namespace sluice {

/// What an instance has whether it is its turn to act or not. None of it writes a file.
struct Standing {
  const RunOptions& options;
  LiveConfig& config;
  const Dir& sysfs;
  // Each is for one thread at a time.
  Kernel& kernel_of_repairs;
  Kernel& kernel_of_classes;
  Links& links_of_drivers;  ///< Drivers may take long.
  Links& links_of_inventory;
  Kubernetes& kubernetes;
  const EventFd& wake;
  LogOutput& output;
  Metrics& metrics;
  std::stop_token stop;
};

/// The node agent while it is its turn: all its parts, put together. One thread.
class Agent final {
 public:
  /// Acts from now on. What `standing` refers to must outlive it.
  static Result<std::unique_ptr<Agent>> start(const Standing& standing);

  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;
  ~Agent() = default;

  /// Whether Kubernetes has all that it serves there.
  bool is_registered() const;

  /// The instance that acted before is about to end, and with it what it serves.
  void expect_loss();

  /// Writes nothing any more when this returns, and has left the port of probes and metrics.
  /// Answers the kubelet and the CNI plugin until it ends: questions from what stands, and what
  /// writes by asking the instance that acts then.
  void hand_over();

  std::uint16_t http_port() const { return http_->port(); }

 private:
  Agent(const Standing& standing, Ledger ledger);

  Result<> start_http();
  Result<> start_inventory();
  void show(const NodeState& node, const SetAside& aside);
  Result<> start_front_ends();
  void start_steps();
  Result<> start_answering();

  // They end in reverse, so that nothing outlives what it refers to.
  const Standing standing_;
  const Ledger ledger_;
  const SetAsideStore aside_;
  Probes probes_;
  Lanes lanes_;
  Lanes in_place_;
  FrontEnds front_ends_;
  LatestNode latest_;
  VfLists vf_lists_;
  std::unique_ptr<InventoryServer> inventory_;
  std::optional<Repairs> repairs_;
  std::optional<PublishedLanes> published_;
  std::optional<NodeLoop> loop_;
  std::optional<Worker> node_;
  std::optional<PodResolver> pods_;
  std::unique_ptr<PodLanesServer> pod_lanes_;
  std::unique_ptr<ChangeWatcher> watcher_;
  std::unique_ptr<HttpServer> http_;
};

}  // namespace sluice
