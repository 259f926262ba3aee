#pragma once

#include <string>

#include "pkg/base/result.h"

namespace sluice {

/// What a link's driver says of itself (ETHTOOL_GDRVINFO, ethtool -i).
struct DriverInfo {
  std::string driver;
  std::string version;   ///< Of the driver; of those in the kernel tree the kernel's release.
  std::string firmware;  ///< Empty where it does not say.
};

/// Of a link in this namespace. not_found when there is none, unsupported when it does not tell.
Result<DriverInfo> read_driver_info(const std::string& link);

}  // namespace sluice
