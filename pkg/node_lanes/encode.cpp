#include <fmt/format.h>

#include <cstdint>

#include <nlohmann/json.hpp>

#include "pkg/base/quantity.h"
#include "pkg/node_lanes/node_lanes.h"

namespace sluice {
namespace {

using nlohmann::json;

// The longest text of a summary: a column of kubectl.
constexpr std::size_t kLongestSummary = 256;

std::uint64_t number(int value) {
  return static_cast<std::uint64_t>(value);
}

template <typename Value>
json encode_list(const std::vector<Value>& values, json (*encode)(const Value& value)) {
  json list = json::array();
  for (const Value& value : values) list.push_back(encode(value));
  return list;
}

void put_rate(json& object, const Rate& rate) {
  if (!rate.floor.is_zero()) object["floor"] = to_quantity(rate.floor);
  if (!rate.ceiling.is_zero()) object["ceiling"] = to_quantity(rate.ceiling);
}

json encode(const PublishedShare& share) {
  json encoded = {{"vfs", number(share.vfs)}, {"bandwidth", to_quantity(share.bandwidth)}};
  if (share.vfio_vfs > 0) encoded["vfioVfs"] = number(share.vfio_vfs);
  if (!share.networks.empty()) encoded["networks"] = share.networks;
  return encoded;
}

json encode(const PublishedPort& port) {
  json encoded = {{"name", port.name},
                  {"linkType", to_string(port.medium)},
                  {"driver", port.driver},
                  {"usable", to_quantity(port.usable)},
                  {"vfs", number(port.vfs)},
                  {"floorEnforcement", port.floor_enforcement},
                  {"ceilingEnforcement", port.ceiling_enforcement},
                  {"shares",
                   {{"classes", encode(port.classes)},
                    {"claims", encode(port.claims)},
                    {"pods", encode(port.pods)}}}};
  if (!port.link.empty()) encoded["link"] = port.link;
  if (port.numa_node) encoded["numaNode"] = number(*port.numa_node);
  if (!port.line_rate.is_zero()) encoded["lineRate"] = to_quantity(port.line_rate);
  if (!port.trouble.empty()) encoded["trouble"] = port.trouble;
  return encoded;
}

json encode(const PublishedClass& offered) {
  json encoded = {{"name", offered.name}, {"offered", number(offered.offered)}};
  put_rate(encoded, offered.rate);
  return encoded;
}

json encode(const HeldLane& lane) {
  json encoded = {{"port", lane.port}};
  put_rate(encoded, lane.rate);
  if (lane.vfio) encoded["vfio"] = true;
  return encoded;
}

json encode(const HeldPod& pod) {
  json encoded = {{"uid", pod.uid}, {"lanes", encode_list(pod.lanes, encode)}};
  if (!pod.name_space.empty()) encoded["namespace"] = pod.name_space;
  if (!pod.name.empty()) encoded["name"] = pod.name;
  return encoded;
}

json encode(const ClassWish& wish) {
  return {{"class", wish.class_name}, {"lanes", number(wish.lanes)}};
}

std::string trouble_of(const std::vector<PublishedPort>& ports) {
  std::string all;
  for (const PublishedPort& port : ports) {
    if (port.trouble.empty()) continue;
    all += (all.empty() ? "" : "; ") + port.trouble;
  }
  if (all.size() <= kLongestSummary) return all;
  return all.substr(0, kLongestSummary - 3) + "...";
}

json summary_of(const std::vector<PublishedPort>& ports) {
  PublishedPort sum;
  for (const PublishedPort& port : ports) {
    sum.line_rate += port.line_rate;
    sum.vfs += port.vfs;
    sum.classes.bandwidth += port.classes.bandwidth;
    sum.claims.bandwidth += port.claims.bandwidth;
    sum.pods.bandwidth += port.pods.bandwidth;
  }
  json summary = {{"ports", std::to_string(ports.size())},
                  {"lineRate", to_quantity(sum.line_rate)},
                  {"vfs", std::to_string(sum.vfs)},
                  {"classes", to_quantity(sum.classes.bandwidth)},
                  {"claims", to_quantity(sum.claims.bandwidth)},
                  {"pods", to_quantity(sum.pods.bandwidth)}};
  const std::string trouble = trouble_of(ports);
  if (!trouble.empty()) summary["trouble"] = trouble;
  return summary;
}

}  // namespace

json encode_status(const NodeLanes& node) {
  return {
      {"schema", number(kNodeLanesSchema)},       {"domain", node.domain},
      {"ports", encode_list(node.ports, encode)}, {"classes", encode_list(node.classes, encode)},
      {"held", encode_list(node.held, encode)},   {"summary", summary_of(node.ports)}};
}

json encode_wishes(const std::vector<ClassWish>& wishes) {
  return encode_list(wishes, encode);
}

}  // namespace sluice
