#include "agent/agent.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "agent/config/networks.h"
#include "agent/published/inventory_routes.h"
#include "pkg/http/listen.h"
#include "pkg/lane/providers.h"

namespace sluice {
namespace {

constexpr std::chrono::seconds kPeriod{30};
// Far beyond what a driver that hangs may take: it holds the kernel's RTNL lock meanwhile, and an
// agent that is started again for it would hang as well.
constexpr std::chrono::seconds kLongestStep{300};

Result<Ledger> open_ledger(const RunOptions& options) {
  const std::string boot = TRY(this_boot());
  return Ledger::open(options.run_dir, boot);
}

PodLanesServer::Settings pod_lanes_settings(const RunOptions& options, Metrics& metrics,
                                            const Log& log) {
  PodLanesServer::Settings settings;
  settings.path = options.run_dir + "/agent.sock";
  settings.answered = [&metrics, log](const PodId& pod, const Result<std::vector<PodLane>>& lanes,
                                      std::chrono::nanoseconds took) {
    const std::string name = fmt::format("{}/{}", pod.name_space, pod.name);
    metrics.observe(metric::kResolveSeconds, {}, std::chrono::duration<double>(took).count());
    metrics.add(metric::kResolutions, {lanes ? "answered" : "failed"});
    if (lanes) {
      log.debug("said which lanes a pod gets", {{"pod", name}, {"lanes", lanes->size()}});
    } else {
      log.warn("could not say which lanes a pod gets",
               {{"pod", name}, {"reason", lanes.error().message()}});
    }
  };
  settings.failed = [log](const Error& error) {
    log.debug("a question or its answer got lost", {{"reason", error.message()}});
  };
  return settings;
}

ChangeWatcher::Calls calls_for(Worker& node, Repairs& repairs,
                               const std::vector<FrontEnd*>& front_ends, const NodeLoop& loop) {
  return {.something = [&node] { node.wake(); },
          .hardware = [&repairs] { repairs.notice(); },
          .lanes =
              [front_ends] {
                for (FrontEnd* const front_end : front_ends) front_end->notice_lanes();
              },
          .is_due = [&loop] { return loop.is_due(); }};
}

ChangeWatcher::Directories watched_directories(const RunOptions& options,
                                               const LiveConfig& config) {
  return {.config = config.directory(),
          .lanes = options.run_dir + "/ports",
          .offers = options.state_dir};
}

Lanes lanes_with(Kernel& kernel, const Standing& on, const Ledger& ledger,
                 const SetAsideStore& aside) {
  return {kernel, on.sysfs, ledger, aside, providers(kernel, on.sysfs, ledger)};
}

}  // namespace

Agent::Agent(const Standing& standing, Ledger ledger)
    : standing_(standing),
      ledger_(std::move(ledger)),
      aside_(standing.options.state_dir),
      probes_({NodeLoop::kReady, NodeLoop::kConfigIsGood}),
      lanes_(lanes_with(standing.kernel_of_repairs, standing, ledger_, aside_)),
      in_place_(lanes_with(standing.kernel_of_classes, standing, ledger_, aside_)),
      vf_lists_(standing.links_of_inventory) {}

Result<std::unique_ptr<Agent>> Agent::start(const Standing& standing) {
  Ledger ledger = TRY(open_ledger(standing.options));
  std::unique_ptr<Agent> agent(new Agent(standing, std::move(ledger)));
  // What can fail comes before the kubelet knows of it.
  TRY(agent->start_http());
  TRY(agent->start_inventory());
  TRY(agent->start_front_ends());
  agent->start_steps();
  TRY(agent->start_answering());
  return agent;
}

Result<> Agent::start_http() {
  const RunOptions& options = standing_.options;
  std::vector<HttpRoute> routes = probes_.routes();
  routes.push_back(metrics_route(standing_.metrics));
  if (is_loopback(options.http_address)) {
    std::ranges::move(inventory_routes(latest_, vf_lists_), std::back_inserter(routes));
  }
  http_ = TRY(HttpServer::start({.address = options.http_address, .port = options.http_port},
                                std::move(routes)));
  return {};
}

Result<> Agent::start_inventory() {
  const InventoryOptions& options = standing_.options.inventory;
  if (options.address.empty()) return {};
  const Log log(standing_.output, "inventory");
  inventory_ = TRY(InventoryServer::start(options, inventory_routes(latest_, vf_lists_), log));
  log.info("serving the inventory",
           {{"http", fmt::format("{}:{}", options.address, inventory_->port())}});
  return {};
}

Result<> Agent::start_front_ends() {
  const Standing& on = standing_;
  front_ends_ = TRY(FrontEnds::start(on.options,
                                     {on.sysfs, ledger_, aside_, on.config, on.kubernetes, on.wake,
                                      on.output, on.metrics, probes_},
                                     in_place_, on.stop));
  return {};
}

void Agent::start_steps() {
  const Standing& on = standing_;
  const std::string& state = on.options.state_dir;
  repairs_.emplace(Repairs::Parts{on.options.sysfs_root, state, on.sysfs, on.links_of_drivers,
                                  lanes_, ledger_, on.config, on.kubernetes, on.output,
                                  on.metrics});
  published_.emplace(
      PublishedLanes::Parts{on.kubernetes, Log(on.output, "inventory"), on.metrics, on.wake});
  const auto shown = [this](const NodeState& node, const SetAside& aside) { show(node, aside); };
  const auto wanted = [this] { return published_->wishes(); };
  loop_.emplace(
      NodeLoop::Parts{on.config, on.sysfs, ledger_, aside_.grants, LeaseStore(state), on.kubernetes,
                      front_ends_.all(), *repairs_, probes_, on.metrics, shown, wanted},
      Announcer(Log(on.output, "node"), on.kubernetes));
  node_.emplace("node", kPeriod, [this](const std::stop_token&) { loop_->step(); });
  probes_.watch(*node_, kLongestStep);
  repairs_->watch_with(probes_, kLongestStep);
}

void Agent::show(const NodeState& node, const SetAside& aside) {
  latest_.keep(node, aside);
  published_->show(node, aside);
  if (inventory_ != nullptr) inventory_->refresh();
}

Result<> Agent::start_answering() {
  const Standing& on = standing_;
  pods_.emplace(front_ends_.all(), Networks(on.config, on.sysfs));
  pod_lanes_ = TRY(PodLanesServer::start(
      pod_lanes_settings(on.options, on.metrics, Log(on.output, "pods")), *pods_));
  watcher_ = TRY(ChangeWatcher::start(on.wake, watched_directories(on.options, on.config),
                                      calls_for(*node_, *repairs_, front_ends_.all(), *loop_)));
  return {};
}

bool Agent::is_registered() const {
  return std::ranges::all_of(front_ends_.all(), &FrontEnd::is_registered);
}

void Agent::expect_loss() {
  for (FrontEnd* const front_end : front_ends_.all()) front_end->expect_loss();
}

// The steps first: they are what calls the front ends. These go on answering until their own turn,
// and claims and pods, which may take seconds, before classes, for which the kubelet waits.
void Agent::hand_over() {
  http_.reset();
  watcher_.reset();
  node_.reset();
  inventory_.reset();
  loop_.reset();
  published_.reset();
  repairs_.reset();
  front_ends_.claims->hand_over();
  front_ends_.pods->hand_over();
  front_ends_.classes->hand_over();
}

}  // namespace sluice
