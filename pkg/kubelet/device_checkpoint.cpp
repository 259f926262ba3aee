#include "pkg/kubelet/device_checkpoint.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "pkg/fs/atomic_file.h"
#include "pkg/json/document.h"
#include "pkg/json/members.h"

namespace sluice {
namespace {

using nlohmann::json;

// By NUMA node; -1 is none.
void add_devices(const json& by_node, const CheckpointDevice& device, const std::string& at,
                 Problems& problems, std::vector<CheckpointDevice>& devices) {
  if (!by_node.is_object()) return problems.add(at, "want an object");
  for (const auto& [node, ids] : by_node.items()) {
    if (!ids.is_array()) return problems.add(at, "want lists of devices");
    for (const json& id : ids) {
      if (!id.is_string()) return problems.add(at, "want names of devices");
      devices.push_back(device);
      devices.back().id = id.get<std::string>();
    }
  }
}

void add_entry(const json& entry, const std::string& at, Problems& problems,
               std::vector<CheckpointDevice>& devices) {
  Members members(entry, at, problems);
  const CheckpointDevice device{.pod_uid = members.text("PodUID"),
                                .container = members.text("ContainerName"),
                                .resource = members.text("ResourceName"),
                                .id = {}};
  const json* const ids = members.find("DeviceIDs");
  if (ids == nullptr || ids->is_null()) return;  // A Go map without entries.
  add_devices(*ids, device, members.pointer("DeviceIDs"), problems, devices);
}

}  // namespace

Result<std::vector<CheckpointDevice>> read_device_checkpoint(const std::string& path) {
  std::vector<CheckpointDevice> devices;
  const Result<std::string> text = read_file(path);
  if (!text) {
    if (text.error().code() == Code::not_found) return devices;
    return text.error();
  }
  Problems problems;
  const json document = parse_document(*text, problems);
  Members data = Members(document, "", problems).object("Data");
  if (const json* const entries = data.find("PodDeviceEntries");
      entries != nullptr && entries->is_array()) {
    for (std::size_t i = 0; i < entries->size(); ++i) {
      add_entry((*entries)[i], fmt::format("/Data/PodDeviceEntries/{}", i), problems, devices);
    }
  }
  if (problems.empty()) return devices;
  return Error(Code::data_loss, fmt::format("kubelet's checkpoint '{}': {}", path,
                                            to_string(problems.all().front())));
}

}  // namespace sluice
