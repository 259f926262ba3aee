#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "agent/grants/port_share.h"
#include "pkg/config/config.h"

namespace sluice {

/// What of the claims' share of a port is for the classes that claims serve.
struct ClassPart {
  std::set<std::string> vfs;  ///< PCI addresses
  BitRate bandwidth;
  std::map<std::string, std::string> planned;  ///< VF -> class. All of these fit at once.
};

/// Whether a lane of the class can be made of that VF.
bool can_have(const ClassRule& rule, const FrontEndShare& share, const Vf& vf,
              const Config& config);

/// The part of each share, in their order. What claims hold has no influence, so pods that come and
/// go change nothing. Pure.
std::vector<ClassPart> plan_classes(std::span<const FrontEndShare> shares, const Config& config);

}  // namespace sluice
