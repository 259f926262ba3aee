#include "pkg/podlanes/protocol.h"

#include <algorithm>
#include <array>
#include <optional>

#include <nlohmann/json.hpp>

#include "pkg/base/strings.h"
#include "pkg/json/document.h"
#include "pkg/json/members.h"

namespace sluice {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr int kVersion = 1;

// By Code.
constexpr std::array<std::string_view, 10> kCodes = {
    "invalid_argument", "not_found", "already_exists", "busy",      "permission_denied",
    "unsupported",      "exhausted", "timed_out",      "data_loss", "internal"};

Code code_named(std::string_view name) {
  const auto found = std::find(kCodes.begin(), kCodes.end(), name);
  return found == kCodes.end() ? Code::internal : static_cast<Code>(found - kCodes.begin());
}

std::string dump(const OrderedJson& json) {
  // A message may quote bytes that are not UTF-8.
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

Error bad(Code code, std::string_view what, std::string_view line) {
  return {code, fmt::format("{}, got {}", what, in_quotes(line))};
}

Result<Json> parse(std::string_view line, Code code) {
  Json json = parse_document(line);
  if (!json.is_object()) return bad(code, "want a JSON object", line);
  const auto version = json.find("version");
  if (version == json.end() || *version != kVersion) {
    return bad(code, fmt::format("want version {}", kVersion), line);
  }
  return json;
}

std::optional<PodLane> decode_lane(const Json& json) {
  Problems problems;
  Members members(json, "", problems);
  const Result<PciAddress> vf = PciAddress::parse(members.text("vf"));
  PodLane lane{.vf = vf.value_or(PciAddress()),
               .class_name = members.text("class", ""),
               .ifname = members.text("interface", "")};
  if (!vf || !problems.empty()) return std::nullopt;
  return lane;
}

OrderedJson encode(const PodLane& lane) {
  OrderedJson json = {{"vf", lane.vf.to_string()}};
  if (!lane.class_name.empty()) json["class"] = lane.class_name;
  if (!lane.ifname.empty()) json["interface"] = lane.ifname;
  return json;
}

}  // namespace

std::string encode_question(const PodId& pod) {
  OrderedJson json = {{"version", kVersion}, {"namespace", pod.name_space}, {"pod", pod.name}};
  if (!pod.uid.empty()) json["uid"] = pod.uid;
  return dump(json);
}

Result<PodId> decode_question(std::string_view line) {
  const Json json = TRY(parse(line, Code::invalid_argument));
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
  OrderedJson json = {{"version", kVersion}};
  if (lanes) {
    json["lanes"] = OrderedJson::array();
    for (const PodLane& lane : *lanes) json["lanes"].push_back(encode(lane));
  } else {
    json["error"] = kCodes[static_cast<std::size_t>(lanes.error().code())];
    json["message"] = lanes.error().message();
  }
  return dump(json);
}

Result<std::vector<PodLane>> decode_answer(std::string_view line) {
  const Json json = TRY(parse(line, Code::internal));
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
  std::vector<PodLane> lanes;
  for (const Json& each : *found) {
    std::optional<PodLane> lane = decode_lane(each);
    if (!lane) return bad(Code::internal, "want lanes with the address of a VF", line);
    lanes.push_back(std::move(*lane));
  }
  return lanes;
}

}  // namespace sluice
