#include "plugin/allocate_response.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include <nlohmann/json.hpp>

#include "pkg/cdi/container_edits.h"
#include "pkg/cdi/device_info.h"
#include "pkg/cdi/memlock_hook.h"

namespace sluice::plugin {
namespace {

// The CDI device that every container with lanes has, for VFs without nodes have none of their own.
// Its name is good whatever the configuration becomes, as the kubelet asks for it until the pod
// ends; and a device without any edit is invalid.
constexpr const char* kLimits = "limits";
constexpr const char* kMarker = "SLUICE_LANES=yes";
// "uverbs3" -> "uverbs": the key by which programs written for the peers look a node up.
std::string kind_of(std::string name) {
  name.erase(name.find_last_not_of("0123456789") + 1);
  return name;
}

// Sections and keys as sriov-network-device-plugin's code has them, which its manual has not.
nlohmann::ordered_json info_of(const Device& device) {
  nlohmann::ordered_json info = {{"generic", {{"deviceID", device.id}}}};
  if (!device.vfio_group.empty()) {
    info["vfio"] = {{"mount", kVfioNode}, {"dev-mount", node_of_vfio_group(device.vfio_group)}};
  }
  if (device.char_devices.empty()) return info;
  nlohmann::ordered_json& rdma = info["rdma"];
  for (const std::string& name : device.char_devices) {
    rdma[kind_of(name)] = node_of_char_device(name);
  }
  rdma["rdma_cm"] = kRdmaCmNode;
  if (!device.rdma_device.empty()) rdma["rdma_dev"] = device.rdma_device;
  return info;
}

// A pod may have given its RDMA device a name that is not UTF-8, at which dump() would throw.
std::string text_of(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

void add_once(std::vector<std::string>& all, const std::vector<std::string>& more) {
  for (const std::string& one : more) {
    if (std::ranges::find(all, one) == all.end()) all.push_back(one);
  }
}

}  // namespace

std::string env_name(std::string_view resource) {
  return "PCIDEVICE_" + env_word(resource);
}

std::vector<std::string> nodes_of(const Device& device) {
  return device_nodes(device.char_devices, device.vfio_group);
}

AllocateResponse allocate_response(const std::string& resource,
                                   const std::vector<const Device*>& devices, Handover handover) {
  AllocateResponse given;
  std::string ids;
  nlohmann::ordered_json info = nlohmann::ordered_json::object();
  for (const Device* const device : devices) {
    ids += (ids.empty() ? "" : ",") + device->id;
    info[device->id] = info_of(*device);
    const std::vector<std::string> nodes = nodes_of(*device);
    if (handover == Handover::device_specs) {
      add_once(given.nodes, nodes);
    } else if (!nodes.empty()) {
      given.cdi_devices.push_back(qualified_name(kCdiKind, device->id));
    }
  }
  if (handover == Handover::cdi) given.cdi_devices.push_back(qualified_name(kCdiKind, kLimits));
  given.env = {{env_name(resource), ids}, {env_name(resource) + "_INFO", text_of(info)}};
  return given;
}

CdiSpec cdi_spec(const DeviceSnapshot& snapshot, const std::string& hook) {
  CdiSpec spec{.kind = std::string(kCdiKind),
               .devices = {},
               .hooks = memlock_hooks(snapshot.locked_memory, hook)};
  bool any = false;
  for (const ClassDevices& offered : snapshot.classes) {
    for (const Device& device : offered.devices) {
      any = true;
      std::vector<std::string> nodes = nodes_of(device);
      if (nodes.empty()) continue;
      spec.devices.push_back({.name = device.id, .device_nodes = std::move(nodes), .env = {}});
    }
  }
  std::ranges::sort(spec.devices, {}, &CdiDevice::name);
  if (any) spec.devices.push_back({.name = kLimits, .device_nodes = {}, .env = {kMarker}});
  return spec;
}

std::string device_info(const Device& device) {
  return encode(
      DeviceInfo{.vf = device.id, .port = device.port, .rdma_device = device.rdma_device});
}

std::string device_info_name(std::string_view resource, std::string_view id) {
  std::string flat(resource);
  std::ranges::replace(flat, '/', '-');
  return fmt::format("{}-{}-device.json", flat, id);
}

}  // namespace sluice::plugin
