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

/// Of pods that ask for lanes by annotation.
struct PodRules {
  /// What interfaces of the papers' annotation are called.
  enum class InterfaceNames {
    net,  ///< net1, net2, … as all lanes that have no name of their own.
    eth,  ///< As in the papers: eth0, eth1, … as far as the pod does not have them.
  };

  InterfaceNames interface_names = InterfaceNames::net;

  friend bool operator==(const PodRules&, const PodRules&) = default;
};

/// What the agent is told: one file for `sluiced provision` and `sluiced run`, and for sluicectl,
/// which reads it too. docs/configuration.md is its manual.
struct Config {
  std::string domain = "sluice.dev";  ///< Of resources and drivers: "sluice.dev/gold".
  ProvisionConfig ports;
  std::vector<ClassRule> classes;
  std::vector<NetworkRule> networks;
  LockedMemory locked_memory;  ///< Of containers with lanes.
  PodRules pods;

  /// Those that the front end serves, in their order.
  std::vector<ClassRule> classes_of(FrontEndName front_end) const;

  /// Whether a rule gives the front end a share of the ports that it is for.
  bool has_share(FrontEndName front_end) const;

  /// The extended resource of a class.
  std::string resource(std::string_view class_name) const;

  /// And back; nullopt for a resource of another domain, and for one that no class can have.
  std::optional<std::string> class_of(std::string_view resource) const;

  friend bool operator==(const Config&, const Config&) = default;
};

/// So many that a set of classes is one machine word.
constexpr std::size_t kMostClasses = 64;

/// Of these, as many can be served by claims: each may have a counter in one set of a ResourceSlice
/// (k8s.io/api/resource/v1/types.go, ResourceSliceMaxCountersPerCounterSet).
constexpr std::size_t kMostClassesOfClaims = 32;

/// A configuration, good only when there are no problems.
struct ParsedConfig {
  Config config;
  std::vector<Problem> problems;
};

/// Reads the JSON text and reports everything that is wrong with it, unknown keys included.
ParsedConfig parse_config(std::string_view text);

}  // namespace sluice
