#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sluice::dra {

// Devices of a ResourceSlice (k8s.io/api/resource/v1/types.go), as far as Sluice uses them.
// Amounts are whole: bit/s, or a count.

/// Of an attribute. Empty text says that nothing is known.
using AttributeValue = std::variant<std::string, std::int64_t, bool>;

/// By name: a C identifier, with "domain/" before it where that is not the driver's.
using Attributes = std::map<std::string, AttributeValue>;

/// `min`, `min` + `step` … up to `max`; a step of zero: every amount from `min` to `max`.
struct ValidRange {
  std::uint64_t min = 0;
  std::uint64_t max = 0;
  std::uint64_t step = 0;

  friend bool operator==(const ValidRange&, const ValidRange&) = default;
};

/// What a claim can consume of a capacity: the scheduler rounds a request up to it. Either of the
/// two is given.
struct RequestPolicy {
  std::uint64_t otherwise = 0;  ///< Consumed by a claim that names no amount.
  std::vector<std::uint64_t> valid_values;
  std::optional<ValidRange> valid_range;

  friend bool operator==(const RequestPolicy&, const RequestPolicy&) = default;
};

struct Capacity {
  std::uint64_t value = 0;
  std::optional<RequestPolicy> policy;  ///< On shared devices only.

  friend bool operator==(const Capacity&, const Capacity&) = default;
};

/// Keeps claims away that do not tolerate it.
struct Taint {
  std::string key;
  std::string value;
  std::string effect;      ///< "NoSchedule"
  std::string time_added;  ///< Set by the server, kept over replacements; no part of what is meant.

  friend bool operator==(const Taint& a, const Taint& b) {
    return a.key == b.key && a.value == b.value && a.effect == b.effect;
  }
};

/// By name, which is a DNS label.
using Counters = std::map<std::string, std::uint64_t>;

/// Counters that several devices draw on: none is allocated that would take more than is left.
struct CounterSet {
  std::string name;  ///< DNS label, unique in the pool.
  Counters counters;

  friend bool operator==(const CounterSet&, const CounterSet&) = default;
};

struct Device {
  std::string name;        ///< DNS label, unique in the pool.
  bool is_shared = false;  ///< allowMultipleAllocations
  Attributes attributes;
  std::map<std::string, Capacity> capacity;
  std::vector<Taint> taints;
  std::vector<CounterSet> consumes;  ///< What it takes of the sets while it is allocated.

  friend bool operator==(const Device&, const Device&) = default;
};

}  // namespace sluice::dra
