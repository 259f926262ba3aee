#include "agent/run_verb.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "agent/agent.h"
#include "agent/cluster.h"
#include "agent/counters.h"
#include "pkg/daemon/late_stop.h"
#include "pkg/daemon/succession.h"
#include "pkg/daemon/termination.h"
#include "pkg/fs/atomic_file.h"
#include "pkg/netlink/live_kernel.h"

namespace sluice {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUse = 2;
// The kubelet looks for new sockets once a second, and a node whose kubelet is away needs an agent.
constexpr std::chrono::seconds kLongestArrival{10};
constexpr std::chrono::milliseconds kLook{10};
// From the kubelet's choice of an instance to its call there is less than a millisecond.
constexpr std::chrono::seconds kLastCalls{1};
// Of the 10 s that the DaemonSet gives the agent to end, for an instance that is about to arrive.
constexpr std::chrono::seconds kGrace{3};
// For what calls of the kubelet that are under way still ask of the API server.
constexpr std::chrono::seconds kLastQuestions{3};

constexpr const char* kManual =
    R"(Runs the node agent: offers the VFs of this node to Kubernetes, class by class,
and keeps what was promised. It runs until SIGTERM. One instance acts on a node;
another is refused, or with --take-over stands by until the first has handed over
to it, as the pods of an update do. One that has handed over acts again when the
other ends.

At its start it loads what was offered before and registers each class with the
kubelet as <domain>/<class>; then it finishes what a crash left half-done. From
then on it follows the hardware, the lanes, the kubelet and the configuration: a
new file is taken up at once, and one that is not good is reported and changes
nothing, not even at the next start ("sluiced check-config" says beforehand).

With access to the API server (the service account of its pod, or --kubeconfig)
offers also move from class to class, when Kubernetes has taken note
(docs/offers.md). Without, they are made and never moved.

GET /readyz, /livez and /metrics answer on the address given; so do /getpfs and
/v1/ports, the inventory, where that is an address of this host alone. To serve
the inventory to other hosts, by TLS and to those who show a token, give it an
address of its own with --inventory-address (docs/inventory.md).

Exit codes: 0 ended by a signal, 1 failure or another instance, 2 wrong use or
configuration.)";

Result<> make_directory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error) return {};
  return Error::from_errno(error.value(), fmt::format("make directory '{}'", path));
}

/// Before anything is served: what cannot be kept must not be promised. The file system of a disk
/// with errors turns read-only, and access(2) says so to root, too.
Result<> check_state_directory(const std::string& path) {
  TRY(make_directories(path).context("state directory"));
  if (::access(path.c_str(), W_OK | X_OK) == 0) return {};
  return Error::from_errno(errno, fmt::format("write to the state directory '{}'", path));
}

void start(Metrics& metrics, const LiveConfig& config) {
  metrics.set(metric::kBuildInfo, {SLUICE_VERSION}, 1);
  start_counters(metrics);
  if (config.is_of_file()) count_good_config(metrics);
}

/// Waits until Kubernetes has all that the agent serves; not for ever, for there may be no kubelet.
void await_registration(const Agent& agent, const std::stop_token& stop) {
  const auto end = std::chrono::steady_clock::now() + kLongestArrival;
  while (!agent.is_registered() && std::chrono::steady_clock::now() < end && rest(stop, kLook)) {
  }
}

/// Ends an agent that has handed over, once the kubelet has made the calls that it had begun.
void leave(std::unique_ptr<Agent>& last) {
  if (last != nullptr) rest({}, kLastCalls);
  last.reset();
}

Result<std::optional<Turn>> first_turn(const RunOptions& options, const Succession& succession,
                                       const std::stop_token& stop, const Log& log) {
  if (!options.take_over) return std::optional<Turn>(TRY(succession.take()));
  log.info("waiting for the turn of this instance");
  return succession.take_over(stop);
}

/// Acts whenever it is this instance's turn, until the stop.
Result<> take_turns(const Standing& standing, const Succession& succession, const Log& log) {
  const std::stop_token& stop = standing.stop;
  std::unique_ptr<Agent> last;  // Has handed over, and answers until another does.
  std::optional<Turn> turn = TRY(first_turn(standing.options, succession, stop, log));
  while (turn && !stop.stop_requested()) {
    auto agent = TRY(Agent::start(standing));
    log.info("running",
             {{"http", fmt::format("{}:{}", standing.options.http_address, agent->http_port())},
              {"config", standing.config.path()}});
    await_registration(*agent, stop);
    agent->expect_loss();
    turn->arrived();
    leave(last);
    succession.await_request(stop);
    if (!succession.is_asked()) return {};
    log.info("handing over to another instance");
    agent->hand_over();
    turn.reset();
    last = std::move(agent);
    log.info("handed over");
    succession.await_arrival(stop, kGrace);
    if (!stop.stop_requested()) turn = TRY(succession.try_to_take_back());
    if (turn) continue;  // The other one ended on its way.
    leave(last);
    turn = TRY(succession.take_back(stop));
  }
  return {};
}

/// Puts together what the instance has all the time. Locals end in reverse, so that nothing
/// outlives what it refers to.
Result<> run(const RunOptions& options, LiveConfig& config, LogOutput& output) {
  const Termination termination;  // Before any other thread.
  const Log log(output, "agent");
  TRY(make_directory(options.run_dir));
  TRY(check_state_directory(options.state_dir));
  const Succession succession(lock_of(options.run_dir));
  Metrics metrics;
  start(metrics, config);
  const Dir sysfs = TRY(Dir::open(options.sysfs_root));
  const auto kernel = TRY(LiveKernel::open());
  const auto kernel_of_classes = TRY(LiveKernel::open());
  KernelLinks links = TRY(KernelLinks::open());
  KernelLinks links_of_inventory = TRY(KernelLinks::open());
  const EventFd wake = TRY(EventFd::open());
  LateStop questions(termination.token(), kLastQuestions);
  const ClusterOptions access{.node = options.node,
                              .kubeconfig = options.kubeconfig,
                              .pod_resources_socket = pod_resources_of(options),
                              .stop = questions.token()};
  const auto kubernetes = TRY(Cluster::connect(access, wake, Log(output, "cluster"), metrics));
  Result<> taken = take_turns({.options = options,
                               .config = config,
                               .sysfs = sysfs,
                               .kernel_of_repairs = *kernel,
                               .kernel_of_classes = *kernel_of_classes,
                               .links_of_drivers = links,
                               .links_of_inventory = links_of_inventory,
                               .kubernetes = *kubernetes,
                               .wake = wake,
                               .output = output,
                               .metrics = metrics,
                               .stop = termination.token()},
                              succession, log);
  questions.request_stop();
  TRY(std::move(taken));
  log.info("ending");
  return {};
}

int run(const RunOptions& options) {
  const Result<LogLevel> level = parse_log_level(options.log_level);
  LiveConfig config(options.config, options.state_dir, options.node);
  const Result<> inventory = check(options.inventory);
  const Result<> loaded = config.load();
  for (const Error* const error :
       {level ? nullptr : &level.error(), inventory ? nullptr : &inventory.error(),
        loaded ? nullptr : &loaded.error()}) {
    if (error == nullptr) continue;
    fmt::print(stderr, "sluiced: run: {}\n", error->message());
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

void add_inventory(CLI::App& verb, InventoryOptions& options) {
  verb.add_option("--inventory-address", options.address,
                  "Where /getpfs and /v1/ports answer as well: a numeric address, \"::\" for all");
  verb.add_option("--inventory-port", options.port)->capture_default_str();
  verb.add_option("--inventory-tls-cert", options.tls_certificate,
                  "File of the certificate there, PEM with its chain; a renewed one is taken up");
  verb.add_option("--inventory-tls-key", options.tls_key, "File of its key, PEM");
  verb.add_option("--inventory-token-file", options.token_file,
                  "File of the token that clients show as \"Authorization: Bearer\"");
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
  verb->add_flag("--take-over", options->take_over,
                 "Have an instance that runs hand over, instead of being refused");
  verb->add_flag("--no-cdi", options->no_cdi,
                 "Give character devices one by one: containerd before 1.7, CRI-O before 1.28");
  verb->add_option("--log-level", options->log_level, "error, warn, info or debug")
      ->capture_default_str();
  verb->add_flag("--log-json", options->log_json, "Log JSON, a line an object");
  add_inventory(*verb, options->inventory);
  add_places(*verb, *options);
  verb->callback([options, &status] { status = run(*options); });
}

}  // namespace sluice
