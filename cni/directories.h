#pragma once

#include <string>

#include "cni/protocol/environment.h"

namespace sluice::cni {

/// Where things are on a node. The variables are for tests and for nodes that are laid out
/// otherwise; the agent must be told the same.
struct Directories {
  std::string run;    ///< SLUICE_RUN_DIR, default /run/sluice: the ledger's lanes
  std::string state;  ///< SLUICE_STATE_DIR, default /var/lib/sluice: the ledger's offers
  std::string sysfs;  ///< SLUICE_SYSFS_ROOT, default /sys

  static Directories from(const Variables& variables) {
    const auto or_default = [&](const char* name, const char* fallback) {
      const std::string value = variables(name).value_or("");
      return value.empty() ? std::string(fallback) : value;
    };
    return {.run = or_default("SLUICE_RUN_DIR", "/run/sluice"),
            .state = or_default("SLUICE_STATE_DIR", "/var/lib/sluice"),
            .sysfs = or_default("SLUICE_SYSFS_ROOT", "/sys")};
  }
};

}  // namespace sluice::cni
