#include <utility>

#include <nlohmann/json.hpp>

#include "dra/slices/slice_json.h"
#include "pkg/base/quantity.h"
#include "pkg/json/document.h"
#include "pkg/json/members.h"

namespace sluice::dra {
namespace {

using nlohmann::json;

std::uint64_t decode_quantity(const json& value, const std::string& at, Problems& problems) {
  if (!value.is_string()) {
    problems.add(at, "want a quantity");
    return 0;
  }
  const Result<BitRate> amount = parse_quantity(value.get_ref<const std::string&>());
  if (!amount) problems.add(at, amount.error().message());
  return amount.value_or(BitRate()).as_bits_per_second();
}

/// Zero when absent.
std::uint64_t decode_quantity(Members& members, const char* key) {
  const json* const value = members.find(key);
  if (value == nullptr) return 0;
  return decode_quantity(*value, members.pointer(key), members.problems());
}

AttributeValue decode_attribute(const json& value, const std::string& at, Problems& problems) {
  if (value.is_object() && value.size() == 1) {
    const std::string& kind = value.begin().key();
    const json& held = value.begin().value();
    if (kind == "string" && held.is_string()) return held.get<std::string>();
    if (kind == "int" && held.is_number_integer()) return held.get<std::int64_t>();
    if (kind == "bool" && held.is_boolean()) return held.get<bool>();
  }
  problems.add(at, "want a string, an int or a bool");
  return false;
}

RequestPolicy decode_policy(Members members) {
  RequestPolicy policy{
      .otherwise = decode_quantity(members, "default"), .valid_values = {}, .valid_range = {}};
  if (members.find("validValues") != nullptr) {
    const json& values = members.array("validValues");
    for (const json& value : values) {
      policy.valid_values.push_back(
          decode_quantity(value, members.pointer("validValues"), members.problems()));
    }
  }
  if (members.find("validRange") != nullptr) {
    Members range = members.object("validRange");
    policy.valid_range = ValidRange{.min = decode_quantity(range, "min"),
                                    .max = decode_quantity(range, "max"),
                                    .step = decode_quantity(range, "step")};
  }
  return policy;
}

Capacity decode_capacity(Members members) {
  Capacity capacity{.value = decode_quantity(members, "value"), .policy = {}};
  if (members.find("requestPolicy") != nullptr) {
    capacity.policy = decode_policy(members.object("requestPolicy"));
  }
  return capacity;
}

void decode_maps(Members& members, Device& device) {
  if (const json* const attributes = members.find("attributes")) {
    for (const auto& [name, value] : attributes->items()) {
      device.attributes[name] = decode_attribute(
          value, members.pointer("attributes") + "/" + escaped(name), members.problems());
    }
  }
  if (const json* const capacity = members.find("capacity")) {
    for (const auto& [name, value] : capacity->items()) {
      device.capacity[name] = decode_capacity(
          Members(value, members.pointer("capacity") + "/" + escaped(name), members.problems()));
    }
  }
}

Taint decode_taint(Members members) {
  return {.key = members.text("key"),
          .value = members.text("value", ""),
          .effect = members.text("effect"),
          .time_added = members.text("timeAdded", "")};
}

/// `name`: of the member that names the set.
CounterSet decode_set(Members members, const char* name) {
  CounterSet set{.name = members.text(name), .counters = {}};
  const json* const counters = members.find("counters");
  if (counters == nullptr) return set;
  for (const auto& [counter, value] : counters->items()) {
    Members entry(value, members.pointer("counters") + "/" + escaped(counter), members.problems());
    set.counters[counter] = decode_quantity(entry, "value");
  }
  return set;
}

std::vector<CounterSet> decode_sets(Members& members, const char* key, const char* name) {
  std::vector<CounterSet> sets;
  if (members.find(key) == nullptr) return sets;
  const json& values = members.array(key);
  sets.reserve(values.size());
  for (const json& value : values) {
    sets.push_back(decode_set(Members(value, members.pointer(key), members.problems()), name));
  }
  return sets;
}

Device decode_device(Members outer) {
  // v1beta1 has everything but the name one level below.
  Members members = outer.find("basic") != nullptr ? outer.object("basic") : outer;
  Device device{.name = outer.text("name"),
                .is_shared = members.boolean("allowMultipleAllocations", false),
                .attributes = {},
                .capacity = {},
                .taints = {},
                .consumes = decode_sets(members, "consumesCounters", "counterSet")};
  decode_maps(members, device);
  if (members.find("taints") == nullptr) return device;
  const json& taints = members.array("taints");
  for (const json& taint : taints) {
    device.taints.push_back(
        decode_taint(Members(taint, members.pointer("taints"), members.problems())));
  }
  return device;
}

/// The uid of the Node that owns it; empty without owner.
std::string owner_of(Members& metadata) {
  if (metadata.find("ownerReferences") == nullptr) return "";
  const json& owners = metadata.array("ownerReferences");
  if (owners.empty()) return "";
  Members owner(owners[0], metadata.pointer("ownerReferences"), metadata.problems());
  if (owners.size() != 1 || owner.text("kind") != "Node") {
    metadata.reject("ownerReferences", "want the Node alone");
  }
  return owner.text("uid");
}

Result<Slice> decode_content(const json& object) {
  Problems problems;
  Members members(object, "", problems);
  Members metadata = members.object("metadata");
  Members spec = members.object("spec");
  Members pool = spec.object("pool");
  Slice slice{.name = metadata.text("name"),
              .driver = spec.text("driver"),
              .node = spec.text("nodeName"),
              .node_uid = owner_of(metadata),
              .pool = pool.text("name"),
              .generation = static_cast<std::int64_t>(pool.number("generation")),
              .slice_count = static_cast<std::int64_t>(pool.number("resourceSliceCount")),
              .counters = decode_sets(spec, "sharedCounters", "name"),
              .devices = {}};
  if (spec.find("devices") != nullptr) {
    const json& devices = spec.array("devices");
    for (std::size_t i = 0; i < devices.size(); ++i) {
      slice.devices.push_back(decode_device(
          Members(devices[i], fmt::format("{}/{}", spec.pointer("devices"), i), problems)));
    }
  }
  if (problems.empty()) return slice;
  return Error(Code::invalid_argument, to_string(problems.all().front()));
}

}  // namespace

StoredSlice decode_stored(const json& object) {
  Problems ignored;
  Members members(object, "", ignored);
  Members metadata = members.object("metadata");
  return {.name = metadata.text("name"),
          .uid = metadata.text("uid"),
          .version = metadata.text("resourceVersion"),
          .labels = metadata.texts("labels"),
          .annotations = metadata.texts("annotations"),
          .content = decode_content(object)};
}

}  // namespace sluice::dra
