#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "pkg/metrics/metrics.h"

namespace sluice {

/// Values of a gauge by their labels, while they are counted.
template <std::size_t kLabels>
using Counts = std::map<std::array<std::string, kLabels>, double>;

template <std::size_t kLabels>
std::vector<GaugeValue<kLabels>> gauge_values(const Counts<kLabels>& counts) {
  std::vector<GaugeValue<kLabels>> all;
  for (const auto& [labels, value] : counts) all.push_back({.labels = labels, .value = value});
  return all;
}

}  // namespace sluice
