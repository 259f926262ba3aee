#include "pkg/podlanes/protocol.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include <nlohmann/json.hpp>

#include "pkg/base/code_names.h"
#include "pkg/base/strings.h"
#include "pkg/json/document.h"
#include "pkg/json/members.h"
#include "pkg/ledger/rate_json.h"
#include "pkg/ledger/settings_json.h"

namespace sluice {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr int kMostMtu = 65535;  // ETH_MAX_MTU (linux/if_ether.h)

constexpr int kVersion = 1;
// Of answers whose lanes have more than a VF and names.
constexpr int kRichVersion = 2;

std::string dump(const OrderedJson& json) {
  // A message may quote bytes that are not UTF-8.
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

Error bad(Code code, std::string_view what, std::string_view line) {
  return {code, fmt::format("{}, got {}", what, in_quotes(line))};
}

// An answer may be of a version that a question never has.
Result<Json> parse(std::string_view line, Code code, int newest) {
  Json json = parse_document(line);
  if (!json.is_object()) return bad(code, "want a JSON object", line);
  const auto version = json.find("version");
  const bool known = version != json.end() && (*version == kVersion || *version == newest);
  if (known) return json;
  const std::string wanted =
      newest == kVersion ? fmt::to_string(kVersion) : fmt::format("{} or {}", kVersion, newest);
  return bad(code, fmt::format("want version {}", wanted), line);
}

bool is_rich(const PodLane& lane) {
  return lane.rate || lane.settings != VfSettings() || lane.network;
}

// What a lane of version 2 may have; anything else is of a version that is yet to come.
constexpr std::array<std::string_view, 6> kLaneMembers = {"vf",   "class",    "interface",
                                                          "rate", "settings", "network"};

constexpr std::array<std::string_view, 3> kNetworkMembers = {"name", "cni", "mtu"};

bool has_only(std::span<const std::string_view> known, const Json& object) {
  return std::ranges::all_of(object.items(), [&](const auto& member) {
    return std::ranges::find(known, member.key()) != known.end();
  });
}

bool has_only_known(const Json& lane) {
  const auto network = lane.find("network");
  return has_only(kLaneMembers, lane) &&
         (network == lane.end() || !network->is_object() || has_only(kNetworkMembers, *network));
}

// What the plugin is told as JSON and passes on as text.
LaneNetwork decode_network(Members network) {
  LaneNetwork decoded{
      .name = network.text("name"), .cni = {}, .mtu = network.number("mtu", 1, kMostMtu)};
  if (const Json* const cni = network.find("cni")) {
    decoded.cni = cni->dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  return decoded;
}

void decode_rich(Members& members, PodLane& lane) {
  if (members.find("rate") != nullptr) lane.rate = decode_rate(members.object("rate"));
  if (members.find("settings") != nullptr) {
    lane.settings = decode_settings(members.object("settings"));
  }
  if (members.find("network") != nullptr) {
    lane.network = decode_network(members.object("network"));
  }
}

std::optional<PodLane> decode_lane(const Json& json, bool rich) {
  Problems problems;
  Members members(json, "", problems);
  const Result<PciAddress> vf = PciAddress::parse(members.text("vf"));
  PodLane lane{.vf = vf.value_or(PciAddress()),
               .class_name = members.text("class", ""),
               .ifname = members.text("interface", "")};
  if (rich) decode_rich(members, lane);
  if (!vf || !problems.empty()) return std::nullopt;
  return lane;
}

OrderedJson encode(const LaneNetwork& network) {
  OrderedJson json = {{"name", network.name}};
  if (!network.cni.empty()) json["cni"] = parse_document(network.cni);
  if (network.mtu) json["mtu"] = *network.mtu;
  return json;
}

OrderedJson encode(const PodLane& lane) {
  OrderedJson json = {{"vf", lane.vf.to_string()}};
  if (!lane.class_name.empty()) json["class"] = lane.class_name;
  if (!lane.ifname.empty()) json["interface"] = lane.ifname;
  if (lane.rate) json["rate"] = encode_rate(*lane.rate);
  if (const Json settings = encode_settings(lane.settings); !settings.empty()) {
    json["settings"] = settings;
  }
  if (lane.network) json["network"] = encode(*lane.network);
  return json;
}

}  // namespace

std::string encode_question(const PodId& pod) {
  OrderedJson json = {{"version", kVersion}, {"namespace", pod.name_space}, {"pod", pod.name}};
  if (!pod.uid.empty()) json["uid"] = pod.uid;
  return dump(json);
}

Result<PodId> decode_question(std::string_view line) {
  const Json json = TRY(parse(line, Code::invalid_argument, kVersion));
  Problems problems;
  Members question(json, "", problems);
  PodId pod{.name_space = question.text("namespace"),
            .name = question.text("pod"),
            .uid = question.text("uid", "")};
  if (!problems.empty() || pod.name_space.empty() || pod.name.empty()) {
    return bad(Code::invalid_argument, "want 'namespace' and 'pod'", line);
  }
  return pod;
}

std::string encode_answer(const Result<std::vector<PodLane>>& lanes) {
  const bool rich = lanes && std::ranges::any_of(*lanes, is_rich);
  OrderedJson json = {{"version", rich ? kRichVersion : kVersion}};
  if (lanes) {
    json["lanes"] = OrderedJson::array();
    for (const PodLane& lane : *lanes) json["lanes"].push_back(encode(lane));
  } else {
    json["error"] = name_of(lanes.error().code());
    json["message"] = lanes.error().message();
  }
  return dump(json);
}

Result<std::vector<PodLane>> decode_answer(std::string_view line) {
  const Json json = TRY(parse(line, Code::internal, kRichVersion));
  if (json.contains("error")) {
    Problems ignored;
    Members error(json, "", ignored);
    const std::string message = error.text("message");
    return Error(code_named(error.text("error")), message.empty() ? "no reason given" : message);
  }
  const auto found = json.find("lanes");
  if (found == json.end() || !found->is_array()) {
    return bad(Code::internal, "want 'lanes' or 'error'", line);
  }
  const bool rich = json.at("version") == kRichVersion;
  std::vector<PodLane> lanes;
  for (const Json& each : *found) {
    if (rich && each.is_object() && !has_only_known(each)) {
      return bad(Code::internal, "a lane has members that this version does not know", line);
    }
    std::optional<PodLane> lane = decode_lane(each, rich);
    if (!lane) return bad(Code::internal, "want lanes with the address of a VF", line);
    lanes.push_back(std::move(*lane));
  }
  return lanes;
}

}  // namespace sluice
