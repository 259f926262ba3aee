#include "pkg/cdi/cdi_lane.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "pkg/base/quantity.h"
#include "pkg/cdi/container_edits.h"

namespace sluice {

std::string variable_of(const CdiLane& lane) {
  nlohmann::ordered_json told;
  if (!lane.request.empty()) told["request"] = lane.request;
  told["vf"] = lane.vf;
  if (!lane.rdma_device.empty()) told["rdmaDevice"] = lane.rdma_device;
  if (!lane.interface.empty()) told["interface"] = lane.interface;
  told["floor"] = to_quantity(lane.rate.floor);
  if (!lane.rate.ceiling.is_zero()) told["ceiling"] = to_quantity(lane.rate.ceiling);
  // A pod may have given its RDMA device a name that is not UTF-8.
  return fmt::format("SLUICE_LANE_{}={}", env_word(lane.vf),
                     told.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

}  // namespace sluice
