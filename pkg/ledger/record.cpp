#include "pkg/ledger/record.h"

#include <fmt/ranges.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "pkg/ledger/rate_json.h"
#include "pkg/ledger/record_words.h"
#include "pkg/ledger/settings_json.h"

namespace sluice {
namespace {

using Json = nlohmann::json;

Json encode_unreset(const UnresetVf& vf) {
  Json json = encode_settings(vf.settings);
  if (vf.settings.rate) json["rate"] = encode_rate(*vf.settings.rate);
  return {{"id", vf.id}, {"number", vf.number}, {"settings", std::move(json)}};
}

Json encode_owner(const Owner& owner) {
  Json json = {{"network", owner.network},
               {"container_id", owner.container_id},
               {"ifname", owner.ifname},
               {"netns", owner.netns},
               {"netns_cookie", owner.netns_cookie}};
  if (!owner.pod.empty()) json["pod"] = owner.pod;
  if (!owner.pod_uid.empty()) json["pod_uid"] = owner.pod_uid;
  if (!owner.beside.empty()) json["beside"] = owner.beside;
  return json;
}

// What is empty is left out: each attach on a full port reads all of it.
Json json_of(const LaneRecord& lane) {
  Json json = {
      {"id", lane.id},
      {"provider", lane.provider},
      {"number", lane.number},
      {"phase", to_string(lane.phase)},
      {"owner", encode_owner(lane.owner)},
      {"asked", encode_rate(lane.asked)},
      {"in_force", encode_rate(lane.in_force)},
      {"home",
       {{"name", lane.home.name}, {"mac", lane.home.mac.to_string()}, {"mtu", lane.home.mtu}}},
      {"link_index", lane.link_index}};
  if (!lane.class_name.empty()) json["class"] = lane.class_name;
  if (!lane.rdma_device.empty()) json["rdma_device"] = lane.rdma_device;
  if (!lane.child.empty()) json["child"] = lane.child;
  if (lane.mtu != 0) json["mtu"] = lane.mtu;
  if (lane.lost != Lost::nothing) json["lost"] = to_string(lane.lost);
  if (!lane.char_devices.empty()) {
    json["char_devices"] = fmt::to_string(fmt::join(lane.char_devices, " "));
  }
  if (Json settings = encode_settings(lane.settings); !settings.empty()) {
    json["settings"] = std::move(settings);
  }
  return json;
}

}  // namespace

std::string_view to_string(Phase phase) {
  return kPhases[static_cast<std::size_t>(phase)];
}

std::string_view to_string(Lost lost) {
  return kLost[static_cast<std::size_t>(lost)];
}

std::string_view port_label(std::string_view port) {
  if (port.starts_with(kUplinkPrefix)) port.remove_prefix(kUplinkPrefix.size());
  return port;
}

LaneRecord* PortRecord::find(std::string_view lane_id) {
  const auto found = std::find_if(lanes.begin(), lanes.end(),
                                  [&](const LaneRecord& lane) { return lane.id == lane_id; });
  return found == lanes.end() ? nullptr : &*found;
}

const UnresetVf* PortRecord::find_unreset(std::string_view vf) const {
  const auto found = std::find_if(unreset.begin(), unreset.end(),
                                  [&](const UnresetVf& other) { return other.id == vf; });
  return found == unreset.end() ? nullptr : &*found;
}

void PortRecord::note_unreset(UnresetVf vf) {
  std::erase_if(unreset, [&](const UnresetVf& other) { return other.id == vf.id; });
  if (vf.settings != VfSettings()) unreset.push_back(std::move(vf));
}

std::string encode_lane(const LaneRecord& lane) {
  // Names that are not UTF-8 (a link can have any bytes) must not make dump() throw.
  return json_of(lane).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string encode(const PortRecord& record, std::string_view boot_id) {
  std::vector<std::string> lines;
  for (const LaneRecord& lane : record.lanes) lines.push_back(encode_lane(lane));
  return encode(record, boot_id, {lines.begin(), lines.end()});
}

std::string encode(const PortRecord& record, std::string_view boot_id,
                   const std::vector<std::string_view>& lines) {
  Json head = {{"version", kPortFileVersion},
               {"boot_id", boot_id},
               {"port", record.port},
               {"driver", record.driver},
               {"line_rate", record.line_rate.as_bits_per_second()}};
  if (!record.spoofchk) head["spoofchk"] = false;
  if (record.carrier_changes) head["carrier_changes"] = *record.carrier_changes;
  if (const UsablePart& part = record.usable_part; part != UsablePart()) {
    head["usable"] = {{"fixed", part.fixed.as_bits_per_second()}, {"percent", part.percent}};
  }
  for (const UnresetVf& vf : record.unreset) head["unreset"].push_back(encode_unreset(vf));
  std::string text = head.dump();
  text.back() = ',';  // The closing brace: the lanes follow, one a line for grep and diff.
  text += "\"lanes\":[";
  std::size_t size = text.size() + 4;
  for (const std::string_view line : lines) size += line.size() + 2;
  text.reserve(size);
  const char* separator = "\n";
  for (const std::string_view line : lines) {
    text += separator;
    text += line;
    separator = ",\n";
  }
  return text + "]}\n";
}

}  // namespace sluice
