#pragma once

#include <string>
#include <vector>

namespace sluice {

/// What a device-info file says of a VF (device-info specification 1.1.0 of the Network Plumbing
/// Working Group): by these files Multus and workloads learn which device an attachment has.
struct DeviceInfo {
  std::string vf;           ///< PCI address
  std::string port;         ///< PCI address
  std::string rdma_device;  ///< May be empty.
  /// "192.0.2.1/24". A key of ours, "sluice.dev/addresses": the specification has none.
  std::vector<std::string> addresses = {};
};

/// The text of the file.
std::string encode(const DeviceInfo& info);

}  // namespace sluice
