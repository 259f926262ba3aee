#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "test/life/life.h"

namespace sluice {

/// One step of the suite: on a port that was provisioned, and whose VFs are free.
struct Step {
  std::string_view name;  ///< "add_with_vlan": part of a test's name.
  void (*run)(Life& life);
};

/// The parts of the suite, in the order of a lane's life. Every step begins at baseline and, where
/// the hardware is still there, ends with a lane of another pod on the same VF and at baseline.
std::span<const Step> add_steps();
std::span<const Step> port_steps();
std::span<const Step> release_steps();
std::span<const Step> crash_steps();

std::vector<Step> all_steps();

}  // namespace sluice
