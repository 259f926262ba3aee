#include "cni/ipam.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include <nlohmann/json.hpp>

#include "cni/plugin_process.h"
#include "cni/protocol/fields.h"
#include "pkg/base/strings.h"
#include "pkg/json/document.h"

namespace sluice::cni {
namespace {

// A quarter of the four minutes that kubelet gives a sandbox: long enough for DHCP.
constexpr std::chrono::seconds kTimeout{60};

// Plugins mostly wait: for a lock, a server of addresses, the API server.
constexpr std::size_t kMostAtOnce = 8;

constexpr int kFirstOwnCode = 100;  // Below it codes mean the same for every plugin.

bool is_executable_file(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
         ::access(path.c_str(), X_OK) == 0;
}

// The plugin's error object, or what can be said without one.
Failure failure_of(const PluginExit& exit) {
  const auto json = parse_document(exit.output);
  if (json.is_object()) {
    const Fields fields(json, "");
    const auto code = fields.integer("code", 1, 999).value_or(std::nullopt).value_or(999);
    const auto message = fields.text("msg").value_or(std::nullopt).value_or("no message");
    const auto details = fields.text("details").value_or(std::nullopt).value_or("");
    const bool shared = code < kFirstOwnCode;
    return {shared ? static_cast<ErrorCode>(code) : ErrorCode::ipam_failed, message, details};
  }
  return {ErrorCode::ipam_failed,
          fmt::format("exit status {}, output {}", exit.status, in_quotes(exit.output))};
}

}  // namespace

void set_variable(std::vector<std::string>& variables, std::string_view name,
                  std::string_view value) {
  const std::string start = std::string(name) + '=';
  variables.erase(std::remove_if(variables.begin(), variables.end(),
                                 [&](const std::string& each) { return each.starts_with(start); }),
                  variables.end());
  variables.push_back(start + std::string(value));
}

Outcome<std::string> Ipam::find_plugin() const {
  if (settings_.path.empty()) {
    return Failure(ErrorCode::invalid_environment,
                   fmt::format("required env variables [CNI_PATH] missing: needed to run '{}'",
                               settings_.type));
  }
  for (const std::string& directory : settings_.path) {
    std::string candidate = directory + "/" + settings_.type;
    if (is_executable_file(candidate)) return candidate;
  }
  return Failure(ErrorCode::ipam_failed,
                 fmt::format("no such plugin in {}",
                             in_quotes(fmt::format("{}", fmt::join(settings_.path, ":")))));
}

Outcome<> Ipam::require() const {
  Outcome<std::string> plugin = find_plugin();
  if (plugin) return {};
  plugin.error().prepend(fmt::format("IPAM plugin {}", in_quotes(settings_.type)));
  return plugin.error();
}

std::string Ipam::attempt(Command command) const {
  return fmt::format("IPAM {} by '{}'", to_string(command), settings_.type);
}

std::vector<std::string> Ipam::variables_for(Command command) const {
  std::vector<std::string> variables = settings_.variables;
  set_variable(variables, "CNI_COMMAND", to_string(command));
  return variables;
}

Outcome<std::string> Ipam::answer_of(Command command, Result<PluginExit> exit) const {
  const PluginExit ended = TRY(std::move(exit).context("{}", attempt(command)));
  if (ended.status == 0) return ended.output;
  Failure failure = failure_of(ended);
  failure.prepend(attempt(command));
  return failure;
}

std::vector<Outcome<std::string>> Ipam::execute_all(std::span<const Ipam> plugins,
                                                    Command command) {
  std::vector<Outcome<std::string>> answers;
  std::vector<PluginProcess> processes;
  std::vector<std::size_t> started;
  for (const Ipam& plugin : plugins) {
    answers.push_back(plugin.find_plugin());
    Outcome<std::string>& path = answers.back();
    if (!path) {
      path.error().prepend(plugin.attempt(command));
      continue;
    }
    started.push_back(answers.size() - 1);
    processes.push_back({.path = *path,
                         .variables = plugin.variables_for(command),
                         .input = plugin.settings_.input,
                         .timeout = kTimeout});
  }
  std::vector<Result<PluginExit>> exits = cni::run_all(processes, kMostAtOnce);
  for (std::size_t i = 0; i < exits.size(); ++i) {
    answers[started[i]] = plugins[started[i]].answer_of(command, std::move(exits[i]));
  }
  return answers;
}

Outcome<AddResult> Ipam::decode(Outcome<std::string> output) const {
  if (!output) return output.error();
  const auto json = parse_document(*output);
  const std::string who = attempt(Command::add);
  if (!json.is_object()) {
    return Failure(ErrorCode::ipam_failed,
                   fmt::format("{}: answer is not a JSON object: {}", who, in_quotes(*output)));
  }
  Outcome<AddResult> result = decode_result(Fields(json, ""));
  if (!result) return Failure(ErrorCode::ipam_failed, who + ": " + result.error().message);
  if (result->ips.empty()) {
    return Failure(ErrorCode::ipam_failed, who + ": answer has no addresses");
  }
  return result;
}

std::vector<Outcome<AddResult>> Ipam::add_all(std::span<const Ipam> plugins) {
  std::vector<Outcome<std::string>> answers = execute_all(plugins, Command::add);
  std::vector<Outcome<AddResult>> results;
  results.reserve(plugins.size());
  for (std::size_t i = 0; i < plugins.size(); ++i) {
    results.push_back(plugins[i].decode(std::move(answers[i])));
  }
  return results;
}

std::vector<Outcome<>> Ipam::run_all(std::span<const Ipam> plugins, Command command) {
  std::vector<Outcome<>> done;
  const std::vector<Outcome<std::string>> answers = execute_all(plugins, command);
  done.reserve(answers.size());
  for (const Outcome<std::string>& answer : answers) {
    done.push_back(answer ? Outcome<>() : Outcome<>(answer.error()));
  }
  return done;
}

Outcome<AddResult> Ipam::add() const {
  return add_all({this, 1}).front();
}

Outcome<> Ipam::run(Command command) const {
  if (!configured()) return {};
  return run_all({this, 1}, command).front();
}

}  // namespace sluice::cni
