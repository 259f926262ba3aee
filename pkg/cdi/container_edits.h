#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// What containers get with VFs, however they come by them.

inline constexpr const char* kRdmaCmNode = "/dev/infiniband/rdma_cm";
inline constexpr const char* kVfioNode = "/dev/vfio/vfio";

/// "/dev/infiniband/uverbs3" of "uverbs3".
std::string node_of_char_device(std::string_view name);

/// "/dev/vfio/12" of "12".
std::string node_of_vfio_group(std::string_view group);

/// Paths of the device nodes of a VF with these RDMA character devices, and bound to vfio-pci
/// unless `vfio_group` is empty; rdma_cm and vfio, which all share, are where the VF needs them.
std::vector<std::string> device_nodes(const std::vector<std::string>& char_devices,
                                      const std::string& vfio_group);

/// `text` as a part of a variable's name: upper case, and '_' for what a shell cannot read.
std::string env_word(std::string_view text);

}  // namespace sluice
