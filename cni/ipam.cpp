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

Outcome<std::string> Ipam::execute(Command command) const {
  const std::string attempt = fmt::format("IPAM {} by '{}'", to_string(command), settings_.type);
  Outcome<std::string> plugin = find_plugin();
  if (!plugin) {
    plugin.error().prepend(attempt);
    return plugin;
  }
  std::vector<std::string> variables = settings_.variables;
  set_variable(variables, "CNI_COMMAND", to_string(command));
  const PluginExit exit = TRY(cni::run({.path = *plugin,
                                        .variables = std::move(variables),
                                        .input = settings_.input,
                                        .timeout = kTimeout})
                                  .context("{}", attempt));
  if (exit.status == 0) return exit.output;
  Failure failure = failure_of(exit);
  failure.prepend(attempt);
  return failure;
}

Outcome<AddResult> Ipam::add() const {
  const std::string output = TRY(execute(Command::add));
  const auto json = parse_document(output);
  const std::string who = fmt::format("IPAM ADD by '{}'", settings_.type);
  if (!json.is_object()) {
    return Failure(ErrorCode::ipam_failed,
                   fmt::format("{}: answer is not a JSON object: {}", who, in_quotes(output)));
  }
  Outcome<AddResult> result = decode_result(Fields(json, ""));
  if (!result) return Failure(ErrorCode::ipam_failed, who + ": " + result.error().message);
  if (result->ips.empty()) {
    return Failure(ErrorCode::ipam_failed, who + ": answer has no addresses");
  }
  return result;
}

Outcome<> Ipam::run(Command command) const {
  if (!configured()) return {};
  TRY(execute(command));
  return {};
}

}  // namespace sluice::cni
