#include "plugin/token_cdi.h"

#include <algorithm>

#include "pkg/cdi/container_edits.h"
#include "plugin/tokens.h"

namespace sluice::plugin {

CdiSpec token_cdi_spec(const std::string& token, const std::vector<CdiLane>& lanes,
                       const std::vector<CdiHook>& hooks) {
  CdiDevice device{.name = token, .device_nodes = {}, .env = {}};
  for (const CdiLane& lane : lanes) {
    for (std::string& node : device_nodes(lane.char_devices, lane.vfio_group)) {
      const bool is_there =
          std::ranges::find(device.device_nodes, node) != device.device_nodes.end();
      if (!is_there) device.device_nodes.push_back(std::move(node));
    }
    device.env.push_back(variable_of(lane));
  }
  return {.kind = std::string(kTokenCdiKind), .devices = {std::move(device)}, .hooks = hooks};
}

Result<> TokenCdi::write(const std::string& token, const std::vector<CdiLane>& lanes,
                         const std::vector<CdiHook>& hooks) const {
  return directory_.write(token_cdi_spec(token, lanes, hooks), token)
      .context("write the CDI file of '{}'", token);
}

Result<> TokenCdi::remove(const std::string& token) const {
  return directory_.remove(std::string(kTokenCdiKind), token)
      .context("remove the CDI file of '{}'", token);
}

Result<std::vector<std::string>> TokenCdi::tokens() const {
  std::vector<std::string> parts =
      TRY(directory_.parts(std::string(kTokenCdiKind)).context("list the CDI files of tokens"));
  std::erase_if(parts, [](const std::string& part) { return !token_number(part); });
  return parts;
}

}  // namespace sluice::plugin
