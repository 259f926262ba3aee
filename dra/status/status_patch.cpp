#include "dra/status/status_patch.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <limits>
#include <utility>

#include <nlohmann/json.hpp>

#include "dra/claim/claim.h"
#include "pkg/base/quantity.h"
#include "pkg/json/document.h"
#include "pkg/json/members.h"
#include "pkg/kube/url.h"

namespace sluice::dra {
namespace {

using nlohmann::json;

constexpr std::size_t kAddressLimit = 16;  // resource/v1 NetworkDeviceDataMaxIPs.

/// What is said beside the conditions' own words.
struct Moment {
  std::string now;     // RFC 3339
  int generation = 0;  // Of the claim; 0: it has none.
};

// In whole seconds, as meta/v1 Time is.
std::string in_rfc3339(std::chrono::system_clock::time_point time) {
  const std::time_t whole = std::chrono::system_clock::to_time_t(time);
  std::tm utc{};
  ::gmtime_r(&whole, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", utc.tm_year + 1900, utc.tm_mon + 1,
                     utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

const char* word(Condition::Status status) {
  switch (status) {
    case Condition::Status::yes: return "True";
    case Condition::Status::no: return "False";
    case Condition::Status::unknown: return "Unknown";
  }
  return "Unknown";
}

std::string text_of(const json& object, const char* key) {
  Problems ignored;
  return Members(object, "", ignored).text(key, "");
}

const json& array_of(const json& object, const char* key) {
  Problems ignored;
  return Members(object, "", ignored).array(key);
}

// The key of an entry of status.devices (resource/v1 ResourceClaimStatus).
json key_of(const AllocatedDevice& device, std::string_view driver) {
  json key = {{"driver", driver}, {"pool", device.pool}, {"device", device.device}};
  if (!device.share_id.empty()) key["shareID"] = device.share_id;
  return key;
}

const json* find_entry(const json& standing, const json& key) {
  const auto found = std::ranges::find_if(standing, [&](const json& entry) {
    return std::ranges::all_of(
        std::array{"driver", "pool", "device", "shareID"},
        [&](const char* part) { return text_of(entry, part) == text_of(key, part); });
  });
  return found == standing.end() ? nullptr : &*found;
}

const json* find_condition(const json* entry, const char* type) {
  if (entry == nullptr) return nullptr;
  const json& all = array_of(*entry, "conditions");
  const auto found =
      std::ranges::find_if(all, [&](const json& each) { return text_of(each, "type") == type; });
  return found == all.end() ? nullptr : &*found;
}

json condition_of(const char* type, const Condition& condition, const json* before,
                  const Moment& moment) {
  const std::string status = word(condition.status);
  const bool has_changed = before == nullptr || text_of(*before, "status") != status;
  json made = {
      {"type", type},
      {"status", status},
      {"reason", condition.reason},
      {"message", condition.message},
      {"lastTransitionTime", has_changed ? moment.now : text_of(*before, "lastTransitionTime")}};
  if (moment.generation != 0) made["observedGeneration"] = moment.generation;
  return made;
}

json network_data_of(const DeviceStatus& device) {
  json data = json::object();
  if (!device.interface.empty()) data["interfaceName"] = device.interface;
  if (!device.hardware_address.empty()) data["hardwareAddress"] = device.hardware_address;
  std::vector<std::string> addresses;
  for (const std::string& address : device.addresses) {
    const bool is_there = std::ranges::find(addresses, address) != addresses.end();
    if (!is_there && addresses.size() < kAddressLimit) addresses.push_back(address);
  }
  if (!addresses.empty()) data["ips"] = addresses;
  return data;
}

json data_of(const DeviceStatus& device) {
  json data = {{"vf", device.vf}, {"port", device.port}, {"floor", to_quantity(device.rate.floor)}};
  if (!device.rate.ceiling.is_zero()) data["ceiling"] = to_quantity(device.rate.ceiling);
  if (!device.rdma_device.empty()) data["rdmaDevice"] = device.rdma_device;
  return data;
}

json entry_of(const DeviceStatus& device, json key, const json* before, const Moment& moment) {
  json entry = std::move(key);
  constexpr const char* kReady = "Ready";
  constexpr const char* kEnforced = "BandwidthEnforced";
  entry["conditions"] =
      json::array({condition_of(kReady, device.ready, find_condition(before, kReady), moment),
                   condition_of(kEnforced, device.bandwidth_enforced,
                                find_condition(before, kEnforced), moment)});
  if (json data = network_data_of(device); !data.empty()) entry["networkData"] = std::move(data);
  entry["data"] = data_of(device);
  return entry;
}

// Conditions of others beside ours do not matter.
bool says(const json* standing, const json& entry) {
  if (standing == nullptr) return false;
  for (const char* const part : {"networkData", "data"}) {
    if (standing->value(part, json()) != entry.value(part, json())) return false;
  }
  return std::ranges::all_of(entry.at("conditions"), [&](const json& condition) {
    const json* const found = find_condition(standing, text_of(condition, "type").c_str());
    return found != nullptr && *found == condition;
  });
}

std::vector<AllocatedDevice> lanes_in(const Allocation& allocation) {
  std::vector<AllocatedDevice> lanes = allocation.devices;
  std::erase_if(lanes, [](const AllocatedDevice& device) { return device.admin_access; });
  return lanes;
}

bool is_allocated(const ClaimStatus& wanted, const std::vector<AllocatedDevice>& lanes) {
  return wanted.devices.empty() ||
         std::ranges::equal(wanted.devices, lanes, {}, &DeviceStatus::request,
                            &AllocatedDevice::request);
}

StatusStep applied(const ClaimRef& ref, json entries) {
  json object = {{"apiVersion", "resource.k8s.io/v1"},
                 {"kind", "ResourceClaim"},
                 {"metadata", {{"name", ref.name}, {"namespace", ref.ns}, {"uid", ref.uid}}}};
  if (!entries.empty()) object["status"]["devices"] = std::move(entries);
  // A pod may have given its RDMA device a name that is not UTF-8.
  return {.kind = StatusStep::Kind::apply,
          .patch = object.dump(-1, ' ', false, json::error_handler_t::replace)};
}

}  // namespace

std::string claim_path(const ClaimRef& claim) {
  return fmt::format("/apis/resource.k8s.io/v1/namespaces/{}/resourceclaims/{}",
                     url_encode(claim.ns), url_encode(claim.name));
}

Result<StatusStep> status_step(const ClaimStatus& wanted, std::string_view claim,
                               std::string_view driver, std::chrono::system_clock::time_point now) {
  const Claim read = TRY(read_claim(claim, driver));
  if (!check_uid(read, wanted.ref) || !read.allocation) return StatusStep{StatusStep::Kind::gone};
  const std::vector<AllocatedDevice> lanes = lanes_in(*read.allocation);
  if (!is_allocated(wanted, lanes)) return StatusStep{StatusStep::Kind::gone};

  const json object = parse_document(claim);
  Problems ignored;
  Members members(object, "", ignored);
  const json& standing = members.object("status").array("devices");
  const Moment moment{.now = in_rfc3339(now),
                      .generation = members.object("metadata")
                                        .number("generation", 0, std::numeric_limits<int>::max())
                                        .value_or(0)};
  const auto ours = std::ranges::count_if(
      standing, [&](const json& entry) { return text_of(entry, "driver") == driver; });
  bool is_same = static_cast<std::size_t>(ours) == wanted.devices.size();
  json entries = json::array();
  for (std::size_t i = 0; i < wanted.devices.size(); ++i) {
    json key = key_of(lanes[i], driver);
    const json* const before = find_entry(standing, key);
    entries.push_back(entry_of(wanted.devices[i], std::move(key), before, moment));
    is_same = is_same && says(before, entries.back());
  }
  return is_same ? StatusStep{} : applied(wanted.ref, std::move(entries));
}

}  // namespace sluice::dra
