#include <fmt/format.h>

#include <limits>
#include <set>

#include <nlohmann/json.hpp>

#include "pkg/base/strings.h"
#include "pkg/json/members.h"
#include "pkg/node_lanes/node_lanes.h"
#include "pkg/placement/node_ports_json.h"

namespace sluice {
namespace {

using nlohmann::json;

constexpr std::size_t kMostToldProblems = 16;

std::string decode_name(Members& members, const char* key) {
  if (members.is_object() && members.find(key) == nullptr) members.reject(key, "is missing");
  return members.filled_text(key);
}

/// Zero when absent.
BitRate decode_rate(Members& members, const char* key) {
  return members.find(key) == nullptr ? BitRate() : members.quantity(key);
}

Rate decode_rate(Members& members) {
  return {.floor = decode_rate(members, "floor"), .ceiling = decode_rate(members, "ceiling")};
}

int decode_count(Members& members, const char* key) {
  if (members.is_object() && members.find(key) == nullptr) members.reject(key, "is missing");
  return members.number(key, 0, kMostVfs).value_or(0);
}

PublishedShare decode_share(Members& shares, const char* key) {
  if (!shares.is_object()) return {};  // That was said.
  Members members = shares.object(key);
  PublishedShare share{.vfs = decode_count(members, "vfs"),
                       .bandwidth = members.quantity("bandwidth"),
                       .vfio_vfs = members.number("vfioVfs", 0, kMostVfs).value_or(0),
                       .networks = decode_networks(members)};
  if (share.vfio_vfs > share.vfs) {
    members.reject("vfioVfs", fmt::format("{} of {} VFs", share.vfio_vfs, share.vfs));
  }
  if (share.networks.size() > kMostPublishedNetworks) {
    members.reject("networks", fmt::format("{} of them, {} are the most", share.networks.size(),
                                           kMostPublishedNetworks));
  }
  return share;
}

PublishedPort decode_port(Members& members) {
  Members shares = members.object("shares");
  return {.name = decode_name(members, "name"),
          .link = members.text("link", ""),
          .medium = decode_medium(members),
          .numa_node = members.number("numaNode", 0, std::numeric_limits<int>::max()),
          .driver = members.text("driver"),
          .line_rate = decode_rate(members, "lineRate"),
          .usable = members.quantity("usable"),
          .vfs = decode_count(members, "vfs"),
          .floor_enforcement = members.text("floorEnforcement"),
          .ceiling_enforcement = members.text("ceilingEnforcement"),
          .trouble = members.text("trouble", ""),
          .classes = decode_share(shares, "classes"),
          .claims = decode_share(shares, "claims"),
          .pods = decode_share(shares, "pods")};
}

PublishedClass decode_class(Members& members) {
  return {.name = decode_name(members, "name"),
          .rate = decode_rate(members),
          .offered = decode_count(members, "offered")};
}

ClassWish decode_wish(Members& members) {
  return {.class_name = decode_name(members, "class"), .lanes = decode_count(members, "lanes")};
}

/// How a list is read: the most members, and the key that tells them apart; nullptr: nothing does.
struct ListRules {
  std::size_t most;
  const char* unique = nullptr;
};

/// Empty when absent, or when there are too many.
template <typename Read>
auto decode_list(Members& members, const char* key, ListRules rules, Read read) {
  std::vector<decltype(read(members))> decoded;
  if (members.find(key) == nullptr) return decoded;
  const json& list = members.array(key);
  if (list.size() > rules.most) {
    members.reject(key, fmt::format("{} of them, {} are the most", list.size(), rules.most));
    return decoded;
  }
  decoded.reserve(list.size());
  std::set<std::string> seen;
  for (std::size_t i = 0; i < list.size(); ++i) {
    Members each(list[i], fmt::format("{}/{}", members.pointer(key), i), members.problems());
    decoded.push_back(read(each));
    if (rules.unique == nullptr) continue;
    const json* const name = each.find(rules.unique);
    if (name == nullptr || !name->is_string()) continue;
    if (!seen.insert(*name).second) each.reject(rules.unique, "an earlier one has it");
  }
  return decoded;
}

HeldLane decode_held_lane(Members& members) {
  return {.port = decode_name(members, "port"),
          .rate = decode_rate(members),
          .vfio = members.boolean("vfio", false)};
}

HeldPod decode_held(Members& members) {
  return {.uid = decode_name(members, "uid"),
          .name_space = members.text("namespace", ""),
          .name = members.text("name", ""),
          .lanes = decode_list(members, "lanes", {.most = kMostHeldLanes}, decode_held_lane)};
}

/// The UID of the Node that owns the object; empty without one.
std::string decode_owner(Members& metadata) {
  if (metadata.find("ownerReferences") == nullptr) return "";
  const json& owners = metadata.array("ownerReferences");
  for (std::size_t i = 0; i < owners.size(); ++i) {
    Members owner(owners[i], fmt::format("{}/{}", metadata.pointer("ownerReferences"), i),
                  metadata.problems());
    if (owner.text("kind") == "Node") return owner.text("uid");
  }
  return "";
}

std::vector<ClassWish> decode_spec(Members& object) {
  if (object.find("spec") == nullptr) return {};
  Members spec = object.object("spec");
  return decode_list(spec, "wishes", {.most = kMostPublishedClasses, .unique = "class"},
                     decode_wish);
}

void decode_status(Members status, NodeLanes& node) {
  node.domain = decode_name(status, "domain");
  node.ports =
      decode_list(status, "ports", {.most = kMostPublishedPorts, .unique = "name"}, decode_port);
  node.classes = decode_list(status, "classes", {.most = kMostPublishedClasses, .unique = "name"},
                             decode_class);
  node.held = decode_list(status, "held", {.most = kMostHeldPods, .unique = "uid"}, decode_held);
}

Error wrong(const Problems& problems) {
  std::string all;
  const std::vector<Problem>& each = problems.all();
  for (std::size_t i = 0; i < each.size() && i < kMostToldProblems; ++i) {
    all += (all.empty() ? "" : "; ") + to_string(each[i]);
  }
  if (each.size() > kMostToldProblems) {
    all += fmt::format("; and {} more", each.size() - kMostToldProblems);
  }
  return {Code::invalid_argument, std::move(all)};
}

}  // namespace

Result<NodeLanes> decode_node_lanes(const json& object) {
  Problems problems;
  Members members(object, "", problems);
  if (!members.is_object()) return wrong(problems);
  Members metadata = members.object("metadata");
  NodeLanes node{.node = decode_name(metadata, "name"), .uid = decode_owner(metadata)};
  node.wishes = decode_spec(members);
  if (members.find("status") != nullptr) {
    Members status = members.object("status");
    const std::uint64_t schema = status.number("schema");
    if (schema > kNodeLanesSchema) {
      return Error(Code::unsupported,
                   fmt::format("NodeLanes {} is of schema {}, {} is the newest known",
                               in_quotes(node.node), schema, kNodeLanesSchema));
    }
    decode_status(status, node);
  }
  if (!problems.empty()) return wrong(problems);
  return node;
}

Result<std::vector<ClassWish>> decode_wishes(const json& object) {
  Problems problems;
  Members members(object, "", problems);
  std::vector<ClassWish> wishes = decode_spec(members);
  if (!problems.empty()) return wrong(problems);
  return wishes;
}

}  // namespace sluice
