#include "pkg/cdi/container_edits.h"

#include <cctype>

namespace sluice {

std::string node_of_char_device(std::string_view name) {
  return "/dev/infiniband/" + std::string(name);
}

std::string node_of_vfio_group(std::string_view group) {
  return "/dev/vfio/" + std::string(group);
}

std::vector<std::string> device_nodes(const std::vector<std::string>& char_devices,
                                      const std::string& vfio_group) {
  std::vector<std::string> nodes;
  nodes.reserve(char_devices.size() + 3);
  for (const std::string& name : char_devices) nodes.push_back(node_of_char_device(name));
  if (!nodes.empty()) nodes.emplace_back(kRdmaCmNode);
  if (!vfio_group.empty()) {
    nodes.emplace_back(kVfioNode);
    nodes.push_back(node_of_vfio_group(vfio_group));
  }
  return nodes;
}

std::string env_word(std::string_view text) {
  std::string word;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    word += std::isalnum(byte) != 0 ? static_cast<char>(std::toupper(byte)) : '_';
  }
  return word;
}

}  // namespace sluice
