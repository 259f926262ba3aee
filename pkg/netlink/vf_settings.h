#pragma once

#include <string>
#include <vector>

#include "pkg/netlink/vf.h"

namespace sluice {

/// `settings` taken apart, in the order in which the kernel applies them. GUIDs are left out.
std::vector<VfSettings> one_by_one(const VfSettings& settings);

/// What they are called, for people: "rate, trust".
std::string names_of(const VfSettings& settings);

/// Whether the only setting of `part` is among `others`, whatever its value there.
bool is_among(const VfSettings& part, const VfSettings& others);

/// Adds the settings of `part` to those of `to`, in place of what was there. GUIDs are left out.
void merge(VfSettings& to, const VfSettings& part);

/// Those of `settings` that are among `others` too, or are not.
VfSettings common(const VfSettings& settings, const VfSettings& others);
VfSettings without(const VfSettings& settings, const VfSettings& others);

/// `settings` without those that the driver did not report: of them nothing is known.
VfSettings known_of(VfSettings settings, const VfInfo& found);

/// A setting that a VF has otherwise than expected.
struct VfDifference {
  VfSettings part;       ///< That setting alone, as expected.
  std::string what;      ///< "rate", "link_state"
  std::string expected;  ///< For people: "floor 10 Mbit/s ceiling none"
  std::string found;     ///< "nothing" where the driver said nothing.
};

/// What of `expected` the VF has otherwise or, where the driver said nothing, is not known to have.
/// The MAC is not looked at: a pod may change its own.
std::vector<VfDifference> differences(const VfSettings& expected, const VfInfo& found);

}  // namespace sluice
