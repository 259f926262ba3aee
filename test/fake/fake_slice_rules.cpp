#include "test/fake/fake_slice_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "pkg/base/kube_names.h"
#include "pkg/base/quantity.h"

namespace sluice {
namespace {

using Json = nlohmann::json;

/// nullptr when absent.
const Json* member(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

/// Where all but the name is.
const Json& body_of(const Json& device) {
  const Json* const basic = member(device, "basic");
  return basic == nullptr ? device : *basic;
}

Json& body_of(Json& device) {
  return device.contains("basic") ? device["basic"] : device;
}

Json no_devices() {
  return Json::array();
}

Json devices_of(const Json& object) {
  return object.is_object() && object["spec"].contains("devices") ? object["spec"]["devices"]
                                                                  : no_devices();
}

std::int64_t amount(const Json& quantity) {
  const auto parsed = parse_quantity(quantity.get<std::string>());
  return parsed ? static_cast<std::int64_t>(parsed->as_bits_per_second()) : -1;
}

std::string invalid_in_range(const Json& range, std::int64_t otherwise, std::int64_t value) {
  const std::int64_t min = amount(range.at("min"));
  const std::int64_t max = range.contains("max") ? amount(range["max"]) : value;
  if (min > value || min > max || max > value) return "min, max and value are out of order";
  if (otherwise < min || otherwise > max) return "default is outside of the range";
  if (!range.contains("step")) return "";
  const std::int64_t step = amount(range["step"]);
  if (min + step > value) return "one step is larger than capacity value";
  if ((otherwise - min) % step != 0 || (max - min) % step != 0) return "not a multiple of step";
  return "";
}

std::string invalid_in_capacity(const Json& capacity, bool is_shared) {
  const Json* const policy = member(capacity, "requestPolicy");
  const std::int64_t value = amount(capacity.at("value"));
  if (value < 0) return "value is no quantity";
  if (policy == nullptr) return "";
  if (!is_shared) return "requestPolicy without allowMultipleAllocations";
  const std::int64_t otherwise = amount(policy->at("default"));
  if (const Json* const range = member(*policy, "validRange")) {
    return invalid_in_range(*range, otherwise, value);
  }
  bool found = false;
  for (const Json& valid : policy->at("validValues")) {
    if (amount(valid) > value) return "option is larger than capacity value";
    found = found || amount(valid) == otherwise;
  }
  return found ? "" : "default value is not valid according to the requestPolicy";
}

std::string invalid_in_attribute(const std::string& name, const Json& value) {
  const std::string plain = name.substr(name.find('/') + 1);
  if (plain.empty() || plain.size() > 32) return name + ": not a name";
  if (value.size() != 1) return name + ": exactly one value must be set";
  const Json* const text = member(value, "string");
  return text != nullptr && text->get<std::string>().size() > 64 ? name + ": may not be longer"
                                                                 : "";
}

std::string invalid_in_device(const Json& device) {
  if (!is_dns_label(device.at("name").get<std::string>())) return "name is no DNS label";
  const Json& body = body_of(device);
  const Json attributes = body.value("attributes", Json::object());
  const Json capacities = body.value("capacity", Json::object());
  if (attributes.size() + capacities.size() > 32) return "too many attributes and capacities";
  for (const auto& [name, value] : attributes.items()) {
    if (std::string wrong = invalid_in_attribute(name, value); !wrong.empty()) return wrong;
  }
  const bool is_shared = body.value("allowMultipleAllocations", false);
  for (const auto& [name, value] : capacities.items()) {
    const std::string wrong = invalid_in_capacity(value, is_shared);
    if (!wrong.empty()) return fmt::format("{}: {}", name, wrong);
  }
  return "";
}

template <typename Has>
bool any_device(const Json& object, Has has) {
  const Json devices = devices_of(object);
  return std::any_of(devices.begin(), devices.end(),
                     [&](const Json& device) { return has(body_of(device)); });
}

bool has_taints(const Json& body) {
  return body.contains("taints");
}

bool is_shared(const Json& body) {
  return body.contains("allowMultipleAllocations");
}

void stamp_taints(Json& body) {
  if (!body.contains("taints")) return;
  for (Json& taint : body["taints"]) taint.emplace("timeAdded", "2026-01-31T12:00:00Z");
}

void drop_sharing(Json& body) {
  body.erase("allowMultipleAllocations");
  if (!body.contains("capacity")) return;
  for (Json& capacity : body["capacity"]) capacity.erase("requestPolicy");
}

bool has_uses(const Json& body) {
  return body.contains("consumesCounters");
}

bool has_sets(const Json& object) {
  return object.is_object() && object["spec"].contains("sharedCounters");
}

bool uses_counters(const Json& object) {
  return has_sets(object) || any_device(object, has_uses);
}

/// Sets of a slice or of a device; `name` is the member that names one.
std::string invalid_in_sets(const Json& sets, const char* name, std::size_t most) {
  constexpr std::size_t kMostCounters = 32;
  if (sets.size() > most) return fmt::format("must have at most {} sets", most);
  std::set<std::string> names;
  for (const Json& set : sets) {
    const std::string called = set.at(name);
    if (!is_dns_label(called) || !names.insert(called).second) return called + ": not a set";
    const Json& counters = set.at("counters");
    if (counters.empty() || counters.size() > kMostCounters) return called + ": counters";
    for (const auto& [counter, value] : counters.items()) {
      if (!is_dns_label(counter)) return counter + ": not a label";
      if (amount(value.at("value")) < 0) return counter + ": no quantity";
    }
  }
  return "";
}

void drop_fields(const FakeSliceGates& gates, const Json& before, Json& object) {
  const bool keeps_taints = gates.device_taints || any_device(before, has_taints);
  const bool keeps_shared = gates.consumable_capacity || any_device(before, is_shared);
  const bool keeps_counters = gates.partitionable_devices || uses_counters(before);
  if (!keeps_counters) object["spec"].erase("sharedCounters");
  if (!object["spec"].contains("devices")) return;
  for (Json& device : object["spec"]["devices"]) {
    Json& body = body_of(device);
    if (!keeps_counters) body.erase("consumesCounters");
    if (!keeps_taints) body.erase("taints");
    if (!keeps_shared) drop_sharing(body);
    stamp_taints(body);
  }
}

}  // namespace

std::string invalid_in_slice(const Json& object) {
  const Json devices = devices_of(object);
  const bool is_short = any_device(object, has_taints) || any_device(object, has_uses);
  const std::size_t most = is_short ? 64 : 128;
  if (devices.size() > most) return fmt::format("must have at most {} devices", most);
  const Json& pool = object["spec"]["pool"];
  if (pool.value("generation", -1) < 0 || pool.value("resourceSliceCount", 0) < 1) return "pool";
  if (has_sets(object)) {
    if (object["spec"].contains("devices")) return "sharedCounters and devices";
    return invalid_in_sets(object["spec"]["sharedCounters"], "name", 8);
  }
  std::set<std::string> names;
  for (const Json& device : devices) {
    const std::string name = device.at("name");
    if (!names.insert(name).second) return name + ": duplicate";
    const std::string wrong = invalid_in_device(device);
    if (!wrong.empty()) return fmt::format("{}: {}", name, wrong);
    const Json uses = body_of(device).value("consumesCounters", Json::array());
    const std::string odd = invalid_in_sets(uses, "counterSet", 2);
    if (!odd.empty()) return fmt::format("{}: {}", name, odd);
  }
  return "";
}

FakeApiServer::Admission slice_admission(FakeSliceGates gates) {
  return [gates](const FakeApiPath& path, const Json& before,
                 Json& object) -> std::optional<FakeApiRefusal> {
    if (path.resource != "resourceslices") return std::nullopt;
    drop_fields(gates, before, object);
    const std::string wrong = invalid_in_slice(object);
    if (wrong.empty()) return std::nullopt;
    return FakeApiRefusal{422, "Invalid", "ResourceSlice is invalid: " + wrong};
  };
}

}  // namespace sluice
