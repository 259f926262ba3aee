#include "agent/run_verb.h"

#include <filesystem>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "agent/change_watcher.h"
#include "agent/cluster.h"
#include "agent/counters.h"
#include "agent/front_ends.h"
#include "agent/networks.h"
#include "agent/node_loop.h"
#include "agent/pod_resolver.h"
#include "agent/repair/repairs.h"
#include "agent/run_options.h"
#include "pkg/daemon/instance_lock.h"
#include "pkg/daemon/termination.h"
#include "pkg/http/server.h"
#include "pkg/lane/lanes.h"
#include "pkg/lane/providers.h"
#include "pkg/netlink/live_kernel.h"
#include "pkg/podlanes/server.h"

namespace sluice {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUse = 2;
constexpr std::chrono::seconds kPeriod{30};
// Far beyond what a driver that hangs may take: it holds the kernel's RTNL lock meanwhile, and an
// agent that is started again for it would hang as well.
constexpr std::chrono::seconds kLongestStep{300};

constexpr const char* kManual =
    R"(Runs the node agent: offers the VFs of this node to Kubernetes, class by class,
and keeps what was promised. It runs until SIGTERM; one instance a node.

At its start it loads what was offered before and registers each class with the
kubelet as <domain>/<class>; then it finishes what a crash left half-done. From
then on it follows the hardware, the lanes, the kubelet and the configuration: a
new file is taken up at once, and one that is not good is reported and changes
nothing, not even at the next start ("sluiced check-config" says beforehand).

With access to the API server (the service account of its pod, or --kubeconfig)
offers also move from class to class, when Kubernetes has taken note
(docs/offers.md). Without, they are made and never moved.

GET /readyz, /livez and /metrics answer on the address given.

Exit codes: 0 ended by a signal, 1 failure or another instance, 2 wrong use or
configuration.)";

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

Result<> make_directory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error) return {};
  return Error::from_errno(error.value(), fmt::format("make directory '{}'", path));
}

std::vector<HttpRoute> routes(const Probes& probes, const Metrics& metrics) {
  std::vector<HttpRoute> all = probes.routes();
  all.push_back(metrics_route(metrics));
  return all;
}

ChangeWatcher::Calls calls_for(Worker& node, Repairs& repairs,
                               const std::vector<FrontEnd*>& front_ends, const NodeLoop& loop) {
  return {.something = [&] { node.wake(); },
          .hardware = [&] { repairs.notice(); },
          .lanes =
              [&] {
                for (FrontEnd* const front_end : front_ends) front_end->notice_lanes();
              },
          .is_due = [&] { return loop.is_due(); }};
}

void start(Metrics& metrics, const LiveConfig& config) {
  metrics.set(metric::kBuildInfo, {SLUICE_VERSION}, 1);
  start_counters(metrics);
  if (config.is_of_file()) count_good_config(metrics);
}

ChangeWatcher::Directories watched_directories(const RunOptions& options,
                                               const LiveConfig& config) {
  return {.config = config.directory(),
          .lanes = options.run_dir + "/ports",
          .offers = options.state_dir};
}

/// Lanes, and a kernel for them: neither is shared by threads.
struct OwnLanes {
  static Result<std::unique_ptr<OwnLanes>> open(const Dir& sysfs, const Ledger& ledger,
                                                const SetAsideStore& aside) {
    auto kernel = TRY(LiveKernel::open());
    Kernel& used = *kernel;
    return std::unique_ptr<OwnLanes>(new OwnLanes{
        std::move(kernel), Lanes(used, sysfs, ledger, aside, providers(used, sysfs, ledger))});
  }

  std::unique_ptr<LiveKernel> kernel;
  Lanes lanes;
};

/// Puts the agent together and runs it until a signal. Locals end in reverse, so that nothing
/// outlives what it refers to.
Result<> run(const RunOptions& options, LiveConfig& config, LogOutput& output) {
  const Termination termination;  // Before any other thread.
  const Log log(output, "agent");
  TRY(make_directory(options.run_dir));
  const InstanceLock only = TRY(InstanceLock::take(options.run_dir + "/sluiced.lock"));

  Metrics metrics;
  start(metrics, config);
  Probes probes({NodeLoop::kReady, NodeLoop::kConfigIsGood});
  const Dir sysfs = TRY(Dir::open(options.sysfs_root));
  const Ledger ledger = TRY(open_ledger(options));
  const SetAsideStore aside(options.state_dir);
  const auto own = TRY(OwnLanes::open(sysfs, ledger, aside));
  const auto in_place = TRY(OwnLanes::open(sysfs, ledger, aside));

  const EventFd wake = TRY(EventFd::open());
  const ClusterOptions access{.node = options.node,
                              .kubeconfig = options.kubeconfig,
                              .pod_resources_socket = pod_resources_of(options),
                              .stop = termination.token()};
  const auto kubernetes = TRY(Cluster::connect(access, wake, Log(output, "cluster"), metrics));
  const auto own_front_ends = TRY(
      FrontEnds::start(options, {sysfs, ledger, aside, config, *kubernetes, wake, output, metrics},
                       in_place->lanes, termination.token()));
  const std::vector<FrontEnd*> front_ends = own_front_ends.all();

  KernelLinks own_links = TRY(KernelLinks::open());  // Drivers may take long.
  Repairs repairs({options.sysfs_root, options.state_dir, sysfs, own_links, own->lanes, ledger,
                   config, *kubernetes, output, metrics});
  NodeLoop loop({config, sysfs, ledger, aside.grants, LeaseStore(options.state_dir), *kubernetes,
                 front_ends, repairs, probes, metrics},
                Announcer(Log(output, "node"), *kubernetes));
  Worker node("node", kPeriod, [&](const std::stop_token&) { loop.step(); });
  PodResolver pods(front_ends, Networks(config, sysfs));
  const auto pod_lanes =
      TRY(PodLanesServer::start(pod_lanes_settings(options, metrics, Log(output, "pods")), pods));
  probes.watch(node, kLongestStep);
  repairs.watch_with(probes, kLongestStep);
  const auto watcher = TRY(ChangeWatcher::start(wake, watched_directories(options, config),
                                                calls_for(node, repairs, front_ends, loop)));
  const auto http = TRY(HttpServer::start(
      {.address = options.http_address, .port = options.http_port}, routes(probes, metrics)));
  log.info("running", {{"http", fmt::format("{}:{}", options.http_address, http->port())},
                       {"config", config.path()}});
  termination.wait();
  log.info("ending");
  return {};
}

int run(const RunOptions& options) {
  const Result<LogLevel> level = parse_log_level(options.log_level);
  LiveConfig config(options.config, options.state_dir, options.node);
  const Result<> loaded = config.load();
  if (!level || !loaded) {
    const Error& error = level ? loaded.error() : level.error();
    fmt::print(stderr, "sluiced: run: {}\n", error.message());
    return kWrongUse;
  }
  LogOutput output(*level, options.log_json ? LogFormat::json : LogFormat::text, std::cout);
  const Result<> done = run(options, config, output);
  if (done) return 0;
  fmt::print(stderr, "sluiced: run: {}\n", done.error().message());
  return kFailed;
}

std::string absolute(const std::string& path) {
  return path.starts_with('/') ? "" : "want an absolute path";
}

void add_places(CLI::App& verb, RunOptions& options) {
  const auto add = [&verb](const char* name, std::string& value, const char* what) {
    return verb.add_option(name, value, what)->capture_default_str();
  };
  add("--sysfs-root", options.sysfs_root, "Where sysfs is");
  add("--proc-root", options.proc_root, "Where the processes of the host are");
  add("--run-dir", options.run_dir, "Where the ledger of lanes is");
  add("--state-dir", options.state_dir, "Where offers are kept over reboots");
  add("--kubelet-dir", options.kubelet_dir,
      "Root directory of the kubelet: device-plugins, plugins_registry, pod-resources");
  add("--cdi-dir", options.cdi_dir, "Where CDI files are; the runtime reads them");
  add("--memlock-hook", options.memlock_hook,
      "Path on the host of sluice-memlock, which the runtime starts by the CDI file")
      ->check(absolute);
  add("--device-info-dir", options.device_info_dir, "Where device-info files are, for Multus");
}

}  // namespace

void add_run_verb(CLI::App& program, int& status) {
  const auto options = std::make_shared<RunOptions>();
  CLI::App* const verb = program.add_subcommand("run", kManual);
  verb->add_option("--config", options->config, "The configuration, a JSON file")
      ->capture_default_str();
  verb->add_option("--node-name", options->node, "Name of this node's Node object")
      ->envname("NODE_NAME");
  verb->add_option("--kubeconfig", options->kubeconfig,
                   "Access to the API server; in a pod its service account is used");
  verb->add_option("--http-address", options->http_address,
                   "Where probes and metrics answer: a numeric address, \"::\" for all")
      ->capture_default_str();
  verb->add_option("--http-port", options->http_port, "0: the kernel chooses; the log says which")
      ->capture_default_str();
  verb->add_flag("--no-cdi", options->no_cdi,
                 "Give character devices one by one: containerd before 1.7, CRI-O before 1.28");
  verb->add_option("--log-level", options->log_level, "error, warn, info or debug")
      ->capture_default_str();
  verb->add_flag("--log-json", options->log_json, "Log JSON, a line an object");
  add_places(*verb, *options);
  verb->callback([options, &status] { status = run(*options); });
}

}  // namespace sluice
