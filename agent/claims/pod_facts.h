#pragma once

#include <string>
#include <string_view>

#include "pkg/base/result.h"

namespace sluice {

/// What a claim's pod says that matters to its lanes.
struct PodFacts {
  std::string uid;
  bool on_host_network = false;
  bool has_resources = false;  ///< Extended resources of the domain: it gets lanes of classes, too.

  friend bool operator==(const PodFacts&, const PodFacts&) = default;
};

/// Reads a Pod object. invalid_argument for what is none.
Result<PodFacts> read_pod_facts(std::string_view text, std::string_view domain);

}  // namespace sluice
