#include "pkg/cdi/device_info.h"

#include <nlohmann/json.hpp>

namespace sluice {

std::string encode(const DeviceInfo& info) {
  using Json = nlohmann::ordered_json;
  Json pci = {{"pci-address", info.vf}, {"pf-pci-address", info.port}};
  if (!info.rdma_device.empty()) pci["rdma-device"] = info.rdma_device;
  Json json = {{"type", "pci"}, {"version", "1.1.0"}, {"pci", std::move(pci)}};
  if (!info.addresses.empty()) json["sluice.dev/addresses"] = info.addresses;
  // The RDMA device may have a name that is not UTF-8, at which dump() would throw.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace sluice
