#include "scheduler/wish_writer.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "pkg/node_lanes/node_lanes.h"
#include "scheduler/demand.h"

namespace sluice {
namespace {

using nlohmann::json;

Result<> write(ApiClient& client, const std::string& node, const ClassLanes& lanes) {
  std::vector<ClassWish> wishes;
  wishes.reserve(lanes.size());
  for (const auto& [name, count] : lanes) wishes.push_back({.class_name = name, .lanes = count});
  const json object = {{"apiVersion", std::string(kNodeLanesApiVersion)},
                       {"kind", std::string(kNodeLanesKind)},
                       {"metadata", {{"name", node}}},
                       {"spec", {{"wishes", encode_wishes(wishes)}}}};
  TRY(client.patch(
      fmt::format("{}/{}", kNodeLanesPath, node),
      {.kind = PatchKind::apply, .body = object.dump(), .field_manager = "sluice-scheduler"}));
  return {};
}

}  // namespace

Result<> write_wishes(ApiClient& client, const ClusterView& view, const WaitingPods& waiting,
                      WishBook& book, const std::function<bool()>& may_write) {
  const std::vector<ClassLanes> pods = waiting.lacking();
  // Most of the time no pod waits: then wishes that are there are taken back.
  std::vector<ClassNode> nodes =
      view.class_nodes(pods.empty() ? ClassNodes::wished : ClassNodes::all);
  book.judge(nodes);
  const auto wanted = wishes_for(pods, nodes);
  int writes = 0;
  for (const ClassNode& node : nodes) {
    const auto wishes = wanted.find(node.name);
    const ClassLanes due = wishes == wanted.end() ? ClassLanes() : wishes->second;
    if (due == node.wishes) continue;
    if (++writes > kMostWrites || !may_write()) break;
    TRY(write(client, node.name, due));
  }
  return {};
}

}  // namespace sluice
