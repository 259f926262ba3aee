#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/annotations/lane_config.h"
#include "pkg/base/result.h"
#include "pkg/placement/pod_ask.h"

namespace sluice {

/// As in the papers: an array of {"min_tx_rate": 15000, "max_tx_rate": 20000}, in Mbit/s.
inline constexpr std::string_view kPapersAnnotation = "rdma_interfaces_required";

/// All that a lane can be, and which of them belong on one port (docs/pods.md).
inline constexpr std::string_view kLanesAnnotation = "sluice.dev/lanes";

/// Which lane is on which port, as the scheduler bound the pod: see placement_annotation.h.
inline constexpr std::string_view kPlacementAnnotation = "sluice.dev/placement";

/// Bytes: 64 lanes with every setting take 25 KiB. All annotations of an object together may have
/// 256 KiB (apimachinery/pkg/api/validation TotalAnnotationSizeLimitB).
inline constexpr std::size_t kLongestAnnotation = 65'536;

using Annotations = std::map<std::string, std::string>;

/// What a pod asks by annotation.
struct AnnotatedPod {
  PodAsk ask;
  std::vector<LaneConfig> settings;  ///< By lane of the ask, whose rate has the ceiling.
  std::vector<std::string> names;    ///< By lane: as the pod calls it, else its number from 0.
  bool is_papers = false;            ///< It came by kPapersAnnotation.
};

/// What the pod asks; nullopt when it asks for no lanes: without annotation, or with one that is
/// empty or lists none. Anything else that is not exactly as documented is refused, and so is a pod
/// with both annotations.
///
/// invalid_argument, in one line: "annotation 'sluice.dev/lanes': /0/floor: quantity '5X': …;
/// /1/vlan: …", with the JSON pointer of every problem, and the value.
Result<std::optional<AnnotatedPod>> read_annotations(const Annotations& annotations);

}  // namespace sluice
