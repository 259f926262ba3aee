#include "agent/published/node_lanes_step.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "pkg/json/members.h"

namespace sluice {
namespace {

using nlohmann::json;

json named(const NodeLanes& wanted) {
  return {{"apiVersion", kNodeLanesApiVersion},
          {"kind", kNodeLanesKind},
          {"metadata", {{"name", wanted.node}}}};
}

// Names of links may be any bytes.
std::string text_of(const json& object) {
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// Others may have put owners beside it.
bool is_owned(const NodeLanes& wanted, const json& stored) {
  Problems ignored;
  Members members(stored, "", ignored);
  Members metadata = members.object("metadata");
  const json& owners = metadata.array("ownerReferences");
  return std::ranges::any_of(owners, [&](const json& owner) {
    return owner.is_object() && owner.contains("uid") && owner["uid"] == wanted.uid;
  });
}

bool is_said(const NodeLanes& wanted, const json& stored) {
  Result<NodeLanes> said = decode_node_lanes(stored);
  if (!said) return false;
  said->uid = wanted.uid;
  said->wishes = wanted.wishes;
  // It is not among the values.
  return *said == wanted &&
         stored["status"].value("summary", json()) == encode_status(wanted)["summary"];
}

}  // namespace

NodeLanesStep next_step(const NodeLanes& wanted, const json& stored) {
  if (!is_owned(wanted, stored)) return NodeLanesStep::own;
  return is_said(wanted, stored) ? NodeLanesStep::nothing : NodeLanesStep::status;
}

std::string owner_patch(const NodeLanes& wanted) {
  json object = named(wanted);
  object["metadata"]["ownerReferences"] = json::array(
      {{{"apiVersion", "v1"}, {"kind", "Node"}, {"name", wanted.node}, {"uid", wanted.uid}}});
  return text_of(object);
}

std::string status_patch(const NodeLanes& wanted) {
  json object = named(wanted);
  object["status"] = encode_status(wanted);
  return text_of(object);
}

}  // namespace sluice
