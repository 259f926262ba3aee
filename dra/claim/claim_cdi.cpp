#include "dra/claim/claim_cdi.h"

#include "pkg/cdi/container_edits.h"

namespace sluice::dra {
namespace {

std::string device_name(std::string_view uid, const CdiLane& lane, std::size_t index) {
  return fmt::format("{}-{}-{}", uid, lane.request, index);
}

// The same for each lane of the request, for a container has the devices of all.
std::string variable_of_class(const CdiLane& lane, const std::vector<CdiLane>& lanes) {
  std::string vfs;
  for (const CdiLane& each : lanes) {
    if (each.request != lane.request || each.resource != lane.resource) continue;
    vfs += (vfs.empty() ? "" : ",") + each.vf;
  }
  return fmt::format("PCIDEVICE_{}={}", env_word(lane.resource), vfs);
}

}  // namespace

std::string cdi_id(std::string_view uid, const CdiLane& lane, std::size_t index) {
  return qualified_name(kClaimCdiKind, device_name(uid, lane, index));
}

bool is_of_claim(std::string_view cdi_id, std::string_view uid) {
  return cdi_id.starts_with(fmt::format("{}={}-", kClaimCdiKind, uid));
}

CdiSpec claim_cdi_spec(std::string_view uid, const std::vector<CdiLane>& lanes,
                       const std::vector<CdiHook>& hooks) {
  CdiSpec spec{.kind = std::string(kClaimCdiKind), .devices = {}, .hooks = hooks};
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    const CdiLane& lane = lanes[i];
    spec.devices.push_back({.name = device_name(uid, lane, i),
                            .device_nodes = device_nodes(lane.char_devices, lane.vfio_group),
                            .env = {variable_of(lane)}});
    if (lane.resource.empty()) continue;
    spec.devices.back().env.push_back(variable_of_class(lane, lanes));
  }
  return spec;
}

Result<> ClaimCdi::write(const std::string& uid, const std::vector<CdiLane>& lanes) const {
  return directory_.write(claim_cdi_spec(uid, lanes, hooks_), uid)
      .context("write the CDI file of claim {}", uid);
}

Result<> ClaimCdi::remove(const std::string& uid) const {
  return directory_.remove(std::string(kClaimCdiKind), uid)
      .context("remove the CDI file of claim {}", uid);
}

Result<std::vector<std::string>> ClaimCdi::uids() const {
  return directory_.parts(std::string(kClaimCdiKind)).context("list the CDI files of claims");
}

}  // namespace sluice::dra
