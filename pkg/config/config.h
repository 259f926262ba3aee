#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/locked_memory.h"
#include "pkg/config/classes.h"
#include "pkg/config/networks.h"
#include "pkg/config/port_rules.h"
#include "pkg/json/problems.h"

namespace sluice {

/// What the agent is told: one file for `sluiced provision` and `sluiced run`, and for sluicectl,
/// which reads it too. docs/configuration.md is its manual.
struct Config {
  std::string domain = "sluice.dev";  ///< Of resources and drivers: "sluice.dev/gold".
  ProvisionConfig ports;
  std::vector<ClassRule> classes;
  std::vector<NetworkRule> networks;
  LockedMemory locked_memory;  ///< Of containers with lanes.

  /// The extended resource of a class.
  std::string resource(std::string_view class_name) const;

  /// And back; nullopt for a resource of another domain.
  std::optional<std::string> class_of(std::string_view resource) const;

  friend bool operator==(const Config&, const Config&) = default;
};

/// So many that a set of classes is one machine word.
constexpr std::size_t kMostClasses = 64;

/// A configuration, good only when there are no problems.
struct ParsedConfig {
  Config config;
  std::vector<Problem> problems;
};

/// Reads the JSON text and reports everything that is wrong with it, unknown keys included.
ParsedConfig parse_config(std::string_view text);

}  // namespace sluice
