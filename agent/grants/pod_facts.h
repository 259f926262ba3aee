#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "pkg/annotations/annotations.h"
#include "pkg/base/error.h"
#include "pkg/base/result.h"
#include "pkg/kube/api_client.h"

namespace sluice {

/// What a pod says that matters to its lanes.
struct PodFacts {
  std::string uid;
  bool on_host_network = false;
  /// Classes among its extended resources that no claim stands for: it gets lanes of these, too.
  bool has_resources = false;
  bool is_ending = false;        ///< It is being deleted, or has succeeded or failed.
  std::string static_uid = {};   ///< Of a static pod: by which the kubelet and the runtime know it.
  Annotations annotations = {};  ///< All of them.

  /// Whether the runtime means this pod by the UID.
  bool is(const std::string& by_runtime) const {
    return uid == by_runtime || (!static_uid.empty() && static_uid == by_runtime);
  }

  friend bool operator==(const PodFacts&, const PodFacts&) = default;
};

/// Reads a Pod object. invalid_argument for what is none.
Result<PodFacts> read_pod_facts(std::string_view text, std::string_view domain);

/// The pod as the API server has it. The server's errors; see says_gone().
Result<PodFacts> get_pod(ApiClient& api, const std::string& name_space, const std::string& name,
                         std::string_view domain);

/// The same of a Pod that was decoded.
Result<PodFacts> facts_of(const nlohmann::json& pod, std::string_view domain);

/// Whether lanes are asked by annotation, in whatever words.
bool asks_by_annotation(const PodFacts& pod);

/// Whether the API server says that there is no object of the name. An API that is not served
/// answers 404, too.
bool says_gone(const Error& error, const std::string& name);

}  // namespace sluice
