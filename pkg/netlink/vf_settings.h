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

/// `settings` without those that the driver did not report: of them nothing is known.
VfSettings known_of(VfSettings settings, const VfInfo& found);

}  // namespace sluice
