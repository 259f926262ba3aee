#include <utility>

#include <nlohmann/json.hpp>

#include "dra/slices/slice_json.h"
#include "pkg/base/quantity.h"

namespace sluice::dra {
namespace {

using nlohmann::json;

json quantity(std::uint64_t amount) {
  return to_quantity(BitRate::bits_per_second(amount));
}

json encode(const AttributeValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return {{"string", *text}};
  if (const auto* number = std::get_if<std::int64_t>(&value)) return {{"int", *number}};
  return {{"bool", std::get<bool>(value)}};
}

json encode(const RequestPolicy& policy) {
  json encoded = {{"default", quantity(policy.otherwise)}};
  for (const std::uint64_t value : policy.valid_values) {
    encoded["validValues"].push_back(quantity(value));
  }
  if (policy.valid_range) {
    json& range = encoded["validRange"];
    range = {{"min", quantity(policy.valid_range->min)},
             {"max", quantity(policy.valid_range->max)}};
    if (policy.valid_range->step != 0) range["step"] = quantity(policy.valid_range->step);
  }
  return encoded;
}

json encode(const Capacity& capacity) {
  json encoded = {{"value", quantity(capacity.value)}};
  if (capacity.policy) encoded["requestPolicy"] = encode(*capacity.policy);
  return encoded;
}

json encode(const Taint& taint) {
  json encoded = {{"key", taint.key}, {"effect", taint.effect}};
  if (!taint.value.empty()) encoded["value"] = taint.value;
  if (!taint.time_added.empty()) encoded["timeAdded"] = taint.time_added;
  return encoded;
}

json encode(const Counters& counters) {
  json encoded = json::object();
  for (const auto& [name, value] : counters) encoded[name] = {{"value", quantity(value)}};
  return encoded;
}

json encode(const Device& device, ResourceVersion version) {
  json members = json::object();
  for (const auto& [name, value] : device.attributes) members["attributes"][name] = encode(value);
  for (const auto& [name, value] : device.capacity) members["capacity"][name] = encode(value);
  for (const Taint& taint : device.taints) members["taints"].push_back(encode(taint));
  if (device.is_shared) members["allowMultipleAllocations"] = true;
  for (const CounterSet& set : device.consumes) {
    members["consumesCounters"].push_back(
        {{"counterSet", set.name}, {"counters", encode(set.counters)}});
  }
  if (version == ResourceVersion::v1beta1) return {{"name", device.name}, {"basic", members}};
  members["name"] = device.name;
  return members;
}

json metadata_of(const Slice& slice, const StoredSlice* replaced) {
  json metadata = {{"name", slice.name}};
  if (!slice.node_uid.empty()) {
    metadata["ownerReferences"] = json::array({{{"apiVersion", "v1"},
                                                {"kind", "Node"},
                                                {"name", slice.node},
                                                {"uid", slice.node_uid},
                                                {"controller", true}}});
  }
  if (replaced == nullptr) return metadata;
  metadata["uid"] = replaced->uid;
  metadata["resourceVersion"] = replaced->version;
  if (!replaced->labels.empty()) metadata["labels"] = replaced->labels;
  if (!replaced->annotations.empty()) metadata["annotations"] = replaced->annotations;
  return metadata;
}

}  // namespace

json encode(const Slice& slice, ResourceVersion version, const StoredSlice* replaced) {
  json spec = {{"driver", slice.driver},
               {"nodeName", slice.node},
               {"pool",
                {{"name", slice.pool},
                 {"generation", static_cast<std::uint64_t>(slice.generation)},
                 {"resourceSliceCount", static_cast<std::uint64_t>(slice.slice_count)}}}};
  for (const CounterSet& set : slice.counters) {
    spec["sharedCounters"].push_back({{"name", set.name}, {"counters", encode(set.counters)}});
  }
  for (const Device& device : slice.devices) spec["devices"].push_back(encode(device, version));
  return {{"apiVersion", "resource.k8s.io/" + std::string(to_string(version))},
          {"kind", "ResourceSlice"},
          {"metadata", metadata_of(slice, replaced)},
          {"spec", std::move(spec)}};
}

}  // namespace sluice::dra
