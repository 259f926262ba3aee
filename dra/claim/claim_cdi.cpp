#include "dra/claim/claim_cdi.h"

#include <nlohmann/json.hpp>

#include "pkg/base/quantity.h"
#include "pkg/cdi/container_edits.h"

namespace sluice::dra {
namespace {

std::string device_name(std::string_view uid, const CdiLane& lane, std::size_t index) {
  return fmt::format("{}-{}-{}", uid, lane.request, index);
}

std::string variable_of(const CdiLane& lane) {
  nlohmann::ordered_json told = {{"request", lane.request}, {"vf", lane.vf}};
  if (!lane.rdma_device.empty()) told["rdmaDevice"] = lane.rdma_device;
  if (!lane.interface.empty()) told["interface"] = lane.interface;
  told["floor"] = to_quantity(lane.rate.floor);
  if (!lane.rate.ceiling.is_zero()) told["ceiling"] = to_quantity(lane.rate.ceiling);
  // A pod may have given its RDMA device a name that is not UTF-8.
  return fmt::format("SLUICE_LANE_{}={}", env_word(lane.vf),
                     told.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

}  // namespace

std::string cdi_id(std::string_view uid, const CdiLane& lane, std::size_t index) {
  return qualified_name(kClaimCdiKind, device_name(uid, lane, index));
}

CdiSpec claim_cdi_spec(std::string_view uid, const std::vector<CdiLane>& lanes,
                       const std::vector<CdiHook>& hooks) {
  CdiSpec spec{.kind = std::string(kClaimCdiKind), .devices = {}, .hooks = hooks};
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    const CdiLane& lane = lanes[i];
    spec.devices.push_back({.name = device_name(uid, lane, i),
                            .device_nodes = device_nodes(lane.char_devices, lane.vfio_group),
                            .env = {variable_of(lane)}});
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
