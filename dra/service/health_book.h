#pragma once

#include <chrono>
#include <compare>
#include <map>
#include <string>

namespace sluice::dra {

enum class Health { unknown, healthy, unhealthy };

/// A device as slices and claims name it.
struct DeviceName {
  std::string pool;
  std::string device;

  friend auto operator<=>(const DeviceName&, const DeviceName&) = default;
};

struct DeviceHealth {
  Health health = Health::unknown;
  std::chrono::system_clock::time_point updated;  ///< When that was seen.
  std::string message;                            ///< For people; 1024 bytes of it are told.

  friend bool operator==(const DeviceHealth&, const DeviceHealth&) = default;
};

/// How all devices of the driver are; what the kubelet shows of a pod's devices in its status.
struct HealthBook {
  std::map<DeviceName, DeviceHealth> devices;

  friend bool operator==(const HealthBook&, const HealthBook&) = default;
};

}  // namespace sluice::dra
