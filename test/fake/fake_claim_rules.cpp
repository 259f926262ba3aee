#include "test/fake/fake_claim_rules.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {
namespace {

using Json = nlohmann::json;

Json key_of(const Json& entry) {
  Json key;
  for (const char* const part : {"driver", "pool", "device", "shareID"}) {
    if (entry.contains(part)) key[part] = entry[part];
  }
  return key;
}

Json devices_of(const Json& status) {
  return status.is_object() && status.contains("devices") ? status["devices"] : Json::array();
}

bool has_other_owner(const FakeDeviceOwners& owners, const std::string& manager, const Json& key) {
  return std::any_of(owners.begin(), owners.end(), [&](const auto& owner) {
    return owner.first != manager && owner.second.count(key) != 0;
  });
}

Json results_of(const Json& claim) {
  const Json::json_pointer place("/status/allocation/devices/results");
  return claim.contains(place) ? claim[place] : Json::array();
}

std::string invalid_in_conditions(const Json& entry) {
  const Json conditions = entry.value("conditions", Json::array());
  if (conditions.size() > 8) return "conditions: Too many: must have at most 8 items";
  for (const Json& condition : conditions) {
    for (const char* const part : {"type", "status", "reason", "lastTransitionTime"}) {
      if (condition.value(part, "").empty()) {
        return fmt::format("conditions.{}: Required value", part);
      }
    }
  }
  return "";
}

std::string invalid_in_network_data(const Json& entry) {
  const Json data = entry.value("networkData", Json::object());
  if (data.value("interfaceName", "").size() > 256) return "networkData.interfaceName: Too long";
  if (data.value("hardwareAddress", "").size() > 128) {
    return "networkData.hardwareAddress: Too long";
  }
  const Json ips = data.value("ips", Json::array());
  if (ips.size() > 16) return "networkData.ips: Too many: must have at most 16 items";
  const std::set<Json> different(ips.begin(), ips.end());
  if (different.size() != ips.size()) return "networkData.ips: Duplicate value";
  const bool all_have_prefix = std::all_of(ips.begin(), ips.end(), [](const Json& ip) {
    return ip.get<std::string>().find('/') != std::string::npos;
  });
  return all_have_prefix ? "" : "networkData.ips: must be a valid address in CIDR form";
}

std::string invalid_in_entry(const Json& entry, const Json& results) {
  const bool is_allocated = std::any_of(results.begin(), results.end(), [&](const Json& result) {
    return key_of(result) == key_of(entry);
  });
  if (!is_allocated) return "must be an allocated device in the claim";
  if (entry.value("data", Json()).dump().size() > 10'240) return "data: Too long";
  const std::string conditions = invalid_in_conditions(entry);
  return conditions.empty() ? invalid_in_network_data(entry) : conditions;
}

}  // namespace

Json apply_claim_status(Json status, const Json& applied, const std::string& manager,
                        FakeDeviceOwners& owners) {
  Json devices = devices_of(status);
  std::set<Json> keys;
  const Json entries = devices_of(applied);
  for (const Json& entry : entries) keys.insert(key_of(entry));
  const std::set<Json> before = std::exchange(owners[manager], keys);
  const auto is_dropped = [&](const Json& entry) {
    const Json key = key_of(entry);
    return before.count(key) != 0 && keys.count(key) == 0 && !has_other_owner(owners, manager, key);
  };
  devices.erase(std::remove_if(devices.begin(), devices.end(), is_dropped), devices.end());
  for (const Json& entry : entries) {
    const auto there = std::find_if(devices.begin(), devices.end(), [&](const Json& each) {
      return key_of(each) == key_of(entry);
    });
    if (there == devices.end()) {
      devices.push_back(entry);
    } else if (has_other_owner(owners, manager, key_of(entry))) {
      there->update(entry);
    } else {
      *there = entry;
    }
  }
  if (devices.empty()) {
    status.erase("devices");
  } else {
    status["devices"] = std::move(devices);
  }
  return status;
}

std::string invalid_in_claim_status(const Json& claim) {
  const Json results = results_of(claim);
  const Json devices = devices_of(claim.value("status", Json::object()));
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const std::string why = invalid_in_entry(devices[i], results);
    if (!why.empty()) return fmt::format("status.devices[{}]: Invalid value: {}", i, why);
  }
  return "";
}

}  // namespace sluice
