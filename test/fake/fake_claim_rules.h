#pragma once

#include <map>
#include <set>
#include <string>

#include <nlohmann/json.hpp>

namespace sluice {

/// Which entries of a claim's status.devices a field manager has applied: name -> keys.
using FakeDeviceOwners = std::map<std::string, std::set<nlohmann::json>>;

/// Server-side apply of status.devices, a list by the keys driver, pool, device and shareID
/// (staging/src/k8s.io/api/resource/v1/types.go of Kubernetes 1.36): entries that are applied take
/// the place of the manager's own, those that only the manager had and does not apply go, and those
/// of others stay. Returns the status as it is then.
nlohmann::json apply_claim_status(nlohmann::json status, const nlohmann::json& applied,
                                  const std::string& manager, FakeDeviceOwners& owners);

/// What is not valid in the status.devices of a claim (pkg/apis/resource/validation/validation.go):
/// an entry that was not allocated, or one beyond the limits; empty when all is.
std::string invalid_in_claim_status(const nlohmann::json& claim);

}  // namespace sluice
