#include "cni/program.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>

#include "cni/directories.h"
#include "cni/protocol/version.h"
#include "cni/verbs/commands.h"
#include "pkg/fs/dir.h"
#include "pkg/fs/read_stdin.h"
#include "pkg/lane/providers.h"
#include "pkg/netlink/live_kernel.h"

namespace sluice::cni {
namespace {

// Configurations are a few KiB; what is larger is a mistake or an attack on a root process.
constexpr std::size_t kMostInput = 1 << 20;

// What an agent that is being started again needs, several times over.
constexpr std::chrono::milliseconds kAgentTimeout{2000};

std::optional<std::string> variable(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): one thread.
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

std::vector<std::string> all_variables() {
  std::vector<std::string> all;
  for (char** each = ::environ; *each != nullptr; ++each) all.emplace_back(*each);
  return all;
}

Outcome<std::string> read_input() {
  Result<std::string> input = read_stdin(kMostInput, "network configuration");
  if (!input) return Failure(ErrorCode::io_failure, input.error().message());
  return *std::move(input);
}

Outcome<std::string> answer_of_add(const Task& task) {
  if (!task.conf.is_for_pod()) return encode_result(TRY(add(task)), task.conf.version);
  const std::optional<AddResult> result = TRY(add_pod(task));
  return result ? encode_result(*result, task.conf.version) : task.conf.prev_text;
}

// The verb's answer; empty for verbs that have none.
Outcome<std::string> perform(const Task& task, const std::string& run_dir) {
  switch (task.environment.command) {
    case Command::add: return answer_of_add(task);
    case Command::del: TRY(del(task)); break;
    case Command::check: TRY(task.conf.is_for_pod() ? check_pod(task) : check(task)); break;
    case Command::gc: TRY(gc(task)); break;
    case Command::status: TRY(status(task, run_dir)); break;
    case Command::version: break;
  }
  return std::string();
}

std::string milliseconds(std::chrono::nanoseconds time) {
  return fmt::format("{:.1f} ms", std::chrono::duration<double, std::milli>(time).count());
}

void log_outcome(const Log& log, const Environment& environment, const Outcome<std::string>& answer,
                 std::chrono::steady_clock::time_point start) {
  const std::string took = milliseconds(std::chrono::steady_clock::now() - start);
  const std::string_view verb = to_string(environment.command);
  if (answer) {
    log.info(
        verb,
        {{"container", environment.container_id}, {"ifname", environment.ifname}, {"took", took}});
  } else {
    log.error(verb, {{"container", environment.container_id},
                     {"ifname", environment.ifname},
                     {"took", took},
                     {"error", answer.error().message}});
  }
}

// Builds what the verb works with bottom-up. VERSION never comes here.
Outcome<std::string> execute(const Environment& environment, const NetConf& conf,
                             const std::string& input, const Log& log) {
  const Directories directories = Directories::from(variable);
  const std::string boot_id = TRY(this_boot());
  const std::unique_ptr<LiveKernel> kernel = TRY(LiveKernel::open());
  const Dir sysfs = TRY(Dir::open(directories.sysfs));
  const Ledger ledger = TRY(Ledger::open(directories.run, boot_id));
  const SetAsideStore aside(directories.state);
  Lanes lanes(*kernel, sysfs, ledger, aside, providers(*kernel, sysfs, ledger));
  const Ipam::Settings plugin{
      .type = conf.ipam, .path = environment.path, .input = input, .variables = all_variables()};
  const Ipam ipam(plugin);
  const Leases leases(directories.state, plugin);
  const DeviceInfoFiles device_info(directories.run);
  PodLanesClient agent({.path = directories.run + "/agent.sock",
                        .timeout = std::min(conf.lane.timeout, kAgentTimeout)});
  Outcome<std::string> answer =
      perform({environment, conf, *kernel, lanes, ipam, leases, device_info, aside, agent, log},
              directories.run);
  log.debug("lanes were moved", {{"took", milliseconds(lanes.moving())}});
  return answer;
}

// STATUS says "I cannot ADD" by 50, whatever the reason, unless it was asked in the wrong way.
Failure as_status(Failure failure, Command command) {
  const bool misasked =
      failure.code == ErrorCode::incompatible_version || failure.code == ErrorCode::undecodable;
  const bool own = static_cast<int>(failure.code) >= static_cast<int>(ErrorCode::not_found);
  const bool conf =
      failure.code == ErrorCode::invalid_config || failure.code == ErrorCode::unsupported_field;
  if (command == Command::status && !misasked && (own || conf)) {
    failure.code = ErrorCode::unavailable;
  }
  return failure;
}

Outcome<std::string> answer(std::string& input) {
  const auto start = std::chrono::steady_clock::now();
  const Environment environment = TRY(parse_environment(variable));
  if (environment.command == Command::version) return encode_versions();
  input = TRY(read_input());
  const Outcome<NetConf> conf = load_net_conf(input, environment);
  const Log log = conf ? Log::open(conf->log_level, conf->log_file) : Log::open("info", "");
  Outcome<std::string> said =
      conf ? execute(environment, *conf, input, log) : Outcome<std::string>(conf.error());
  if (!said) said = as_status(said.error(), environment.command);
  log_outcome(log, environment, said, start);
  return said;
}

bool print(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

int run_plugin() {
  std::string input;
  const Outcome<std::string> said = answer(input);
  if (!said) {
    print(encode_failure(said.error(), version_for_errors(input)) + "\n");
    return 1;
  }
  return print(said->empty() ? "" : *said + "\n") ? 0 : 1;
}

}  // namespace sluice::cni
