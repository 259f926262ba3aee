#pragma once

#include <span>
#include <string>
#include <string_view>

#include "test/fake/fake_driver.h"

namespace sluice {

/// A driver as read from its source; what no machine here has hardware for.
struct DriverModel {
  std::string_view name;    ///< "mlx5", "mlx5_switchdev", "ice" …
  int mbps = 0;             ///< Of the port the model is usually tried with.
  std::string_view device;  ///< PCI device ID as sysfs has it, where the chip matters.
  FakeDriver driver;
};

/// All of them: mlx5 in both eswitch modes, ice, i40e, ixgbe, igb (82576), bnxt_en, qede, IPoIB on
/// mlx5, netdevsim in both eswitch modes.
std::span<const DriverModel> driver_models();

/// The one of that name. The test ends where there is none.
const DriverModel& driver_model(std::string_view name);

}  // namespace sluice
