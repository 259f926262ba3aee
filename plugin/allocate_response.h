#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/cdi/spec.h"
#include "plugin/device.h"

namespace sluice::plugin {

/// How character devices reach a container: by name of a CDI device, or one by one where the
/// runtime has no CDI (containerd 1.6; 1.7 and CRI-O before 1.28 have it switched off).
enum class Handover { cdi, device_specs };

/// Kind of all CDI devices of the plugin. One for all classes, so that a VF that moves from class
/// to class stays what it was.
inline constexpr std::string_view kCdiKind = "sluice.dev/vf";

/// What a container gets with its devices of one resource.
struct AllocateResponse {
  std::map<std::string, std::string> env;
  std::vector<std::string> nodes;        ///< Device specs: paths on the host, each once.
  std::vector<std::string> cdi_devices;  ///< Qualified names.

  friend bool operator==(const AllocateResponse&, const AllocateResponse&) = default;
};

/// For `devices` of `resource`, in the order of the request. No other VF's character devices are in
/// it; /dev/infiniband/rdma_cm and /dev/vfio/vfio, which all share, are where a device needs them.
/// Pure.
AllocateResponse allocate_response(const std::string& resource,
                                   const std::vector<const Device*>& devices, Handover handover);

/// "PCIDEVICE_SLUICE_DEV_GOLD": what sriov-network-device-plugin makes of "sluice.dev/gold", and
/// everything a shell cannot read as '_'.
std::string env_name(std::string_view resource);

/// The device nodes of one device, by their paths.
std::vector<std::string> nodes_of(const Device& device);

/// What the CDI names of allocate_response() refer to: every device of the snapshot that has a
/// node, "limits" for all containers, and `hook`, the program of the host that sets their
/// RLIMIT_MEMLOCK (hook/). Empty for a snapshot without devices.
CdiSpec cdi_spec(const DeviceSnapshot& snapshot, const std::string& hook);

/// The text of a device-info file (pkg/cdi/device_info.h).
std::string device_info(const Device& device);

/// Its name: "sluice.dev-gold-0000:3b:02.1-device.json".
std::string device_info_name(std::string_view resource, std::string_view id);

}  // namespace sluice::plugin
