#pragma once

#include <array>
#include <string_view>

#include "cni/protocol/environment.h"
#include "cni/protocol/error.h"

namespace sluice::cni {

/// Versions of the CNI specification that we speak, oldest first.
constexpr std::array<std::string_view, 5> kVersions = {"0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"};
constexpr std::string_view kNewest = kVersions.back();

/// Whether `version`, one of kVersions, is `other` or newer. They order as text.
constexpr bool at_least(std::string_view version, std::string_view other) {
  return version >= other;
}

/// incompatible_version unless `version` is one of ours that has the verb: CHECK came with 0.4.0,
/// GC and STATUS with 1.1.0.
Outcome<> check_version(std::string_view version, Command command);

/// What VERSION prints.
std::string encode_versions();

}  // namespace sluice::cni
