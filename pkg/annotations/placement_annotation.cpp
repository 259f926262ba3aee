#include "pkg/annotations/placement_annotation.h"

#include <nlohmann/json.hpp>

#include "pkg/annotations/annotations.h"
#include "pkg/annotations/vf_rate.h"
#include "pkg/base/quantity.h"
#include "pkg/json/document.h"
#include "pkg/json/members.h"
#include "pkg/json/problems_error.h"

namespace sluice {
namespace {

using nlohmann::json;

constexpr std::uint64_t kVersion = 1;

std::string what() {
  return fmt::format("annotation '{}'", kPlacementAnnotation);
}

PlacedLane read_lane(Members lane) {
  if (lane.find("port") == nullptr) lane.reject("port", "is missing");
  return {.port = lane.filled_text("port"),
          .rate = {.floor = read_vf_rate(lane, "floor").value_or(BitRate()),
                   .ceiling = read_vf_rate(lane, "ceiling").value_or(BitRate())},
          .vfio = lane.boolean("vfio", false)};
}

PodPlacement read_lanes(Members& members, Problems& problems) {
  PodPlacement placement;
  const json& list = members.array("lanes");
  if (list.size() > kMostLanes) {
    members.reject("lanes", fmt::format("{} lanes, {} are the most", list.size(), kMostLanes));
    return placement;
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    placement.push_back(read_lane({list[i], fmt::format("/lanes/{}", i), problems}));
  }
  return placement;
}

}  // namespace

std::string encode_placement(const PodPlacement& placement) {
  nlohmann::ordered_json lanes = nlohmann::ordered_json::array();
  for (const PlacedLane& lane : placement) {
    nlohmann::ordered_json encoded;
    encoded["port"] = lane.port;
    if (!lane.rate.floor.is_zero()) encoded["floor"] = to_quantity(lane.rate.floor);
    if (!lane.rate.ceiling.is_zero()) encoded["ceiling"] = to_quantity(lane.rate.ceiling);
    if (lane.vfio) encoded["vfio"] = true;
    lanes.push_back(std::move(encoded));
  }
  nlohmann::ordered_json all;
  all["version"] = kVersion;
  all["lanes"] = std::move(lanes);
  return all.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

Result<PodPlacement> decode_placement(std::string_view text) {
  Problems problems;
  if (text.size() > kLongestAnnotation) {
    problems.add("", fmt::format("has {} bytes, {} are allowed", text.size(), kLongestAnnotation));
    return problems_error(what(), problems);
  }
  const json document = parse_document(text, problems);
  if (!problems.empty()) return problems_error(what(), problems);
  Members members(document, "", problems);
  const std::uint64_t version = members.number("version");
  if (problems.empty() && version > kVersion) {
    return Error(Code::unsupported,
                 fmt::format("{}: /version: {} is newer than {}", what(), version, kVersion));
  }
  if (problems.empty() && version != kVersion) members.reject("version", "want 1, got 0");
  PodPlacement placement = read_lanes(members, problems);
  if (!problems.empty()) return problems_error(what(), problems);
  return placement;
}

}  // namespace sluice
