#pragma once

#include <string>
#include <string_view>
#include <vector>

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

 private:
  Outcome<std::string> execute(Command command) const;
  Outcome<std::string> find_plugin() const;

  Settings settings_;
};

}  // namespace sluice::cni
