#include "pkg/annotations/papers_annotation.h"

#include <nlohmann/json.hpp>

#include "pkg/annotations/vf_rate.h"
#include "pkg/json/document.h"
#include "pkg/json/members.h"

namespace sluice {
namespace {

using nlohmann::json;

constexpr auto kMost = static_cast<int>(kMostMbps);

// Zero and absent are the same: no floor, or no limit.
BitRate read_mbps(Members& lane, const char* key) {
  const auto mbps = static_cast<std::uint64_t>(lane.number(key, 0, kMost).value_or(0));
  return BitRate::mbps(mbps);
}

Rate read_rate(Members lane) {
  const Rate rate{.floor = read_mbps(lane, "min_tx_rate"),
                  .ceiling = read_mbps(lane, "max_tx_rate")};
  if (!rate.ceiling.is_zero() && rate.floor > rate.ceiling) {
    lane.reject("min_tx_rate",
                fmt::format("{} is above the max_tx_rate of {}", rate.floor.as_mbps_floor(),
                            rate.ceiling.as_mbps_floor()));
  }
  return rate;
}

}  // namespace

AnnotatedPod read_papers_annotation(std::string_view text, Problems& problems) {
  AnnotatedPod pod{.ask = {}, .settings = {}, .names = {}, .is_papers = true};
  const json list = parse_document(text, problems);
  if (list.is_null() && !problems.empty()) return pod;
  if (!list.is_array()) {
    problems.add("", "want an array of interfaces");
    return pod;
  }
  if (list.size() > kMostLanes) {
    problems.add("", fmt::format("{} interfaces, {} are the most", list.size(), kMostLanes));
    return pod;
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string at = fmt::format("/{}", i);
    const Rate rate = read_rate({list[i], at, {"min_tx_rate", "max_tx_rate"}, problems});
    pod.ask.lanes.push_back({.rate = rate, .numa_node = {}, .link = {}, .medium = {}});
    pod.names.push_back(std::to_string(i));
  }
  pod.settings.resize(list.size());
  return pod;
}

}  // namespace sluice
