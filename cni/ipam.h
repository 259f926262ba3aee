#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cni/plugin_process.h"
#include "cni/protocol/environment.h"
#include "cni/protocol/error.h"
#include "cni/protocol/result.h"

namespace sluice::cni {

/// Sets one of "NAME=value".
void set_variable(std::vector<std::string>& variables, std::string_view name,
                  std::string_view value);

/// The IPAM plugin of a network configuration, run as the specification wants: with our complete
/// input and our environment. Does nothing where the configuration has no `ipam`. A plugin has 60
/// seconds; then it is killed and the answer is try_again.
class Ipam {
 public:
  struct Settings {
    std::string type;                    ///< Empty: no IPAM plugin.
    std::vector<std::string> path;       ///< CNI_PATH
    std::string input;                   ///< Our standard input.
    std::vector<std::string> variables;  ///< Our environment, "NAME=value".
  };

  explicit Ipam(Settings settings) : settings_(std::move(settings)) {}

  bool configured() const { return !settings_.type.empty(); }

  /// Whether the plugin is there; ipam_failed when it is not.
  Outcome<> require() const;

  /// What the plugin assigned, at least one address. The plugin's own code where it has one of the
  /// specification's, ipam_failed otherwise. The caller runs DEL after a failure.
  Outcome<AddResult> add() const;

  /// DEL, CHECK, GC or STATUS.
  Outcome<> run(Command command) const;

  /// add() and run() of several, which all are configured: some of them at a time, and whatever
  /// becomes of the others.
  static std::vector<Outcome<AddResult>> add_all(std::span<const Ipam> plugins);
  static std::vector<Outcome<>> run_all(std::span<const Ipam> plugins, Command command);

 private:
  static std::vector<Outcome<std::string>> execute_all(std::span<const Ipam> plugins,
                                                       Command command);
  Outcome<std::string> find_plugin() const;
  std::vector<std::string> variables_for(Command command) const;
  std::string attempt(Command command) const;
  Outcome<std::string> answer_of(Command command, Result<PluginExit> exit) const;
  Outcome<AddResult> decode(Outcome<std::string> output) const;

  Settings settings_;
};

}  // namespace sluice::cni
