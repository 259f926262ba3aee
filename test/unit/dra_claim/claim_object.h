#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "dra/claim/claim.h"

namespace sluice::dra {

inline constexpr const char* kDriver = "sluice.dev";

/// A ResourceClaim as the API server answers it, to be changed by tests.
class ClaimObject {
 public:
  using Json = nlohmann::json;

  ClaimObject() {
    object_ = Json::parse(R"({
      "apiVersion": "resource.k8s.io/v1", "kind": "ResourceClaim",
      "metadata": {"name": "train", "namespace": "ml", "uid": "uid-1", "resourceVersion": "7"},
      "spec": {"devices": {}},
      "status": {"reservedFor": [{"resource": "pods", "name": "trainer", "uid": "pod-1"}],
                 "allocation": {"devices": {"results": [], "config": []}}}})");
  }

  Json& json() { return object_; }

  std::string text() const { return object_.dump(); }

  /// A share of device pf0 for `request`.
  Json& share(const std::string& request, const std::string& bandwidth = "25G") {
    const std::string id = "share-" + std::to_string(results().size());
    results().push_back({{"request", request},
                         {"driver", kDriver},
                         {"pool", "node-a"},
                         {"device", "pf-0000-3b-00-0"},
                         {"shareID", id},
                         {"consumedCapacity", {{"bandwidth", bandwidth}, {"vfs", "1"}}}});
    return results().back();
  }

  /// A LaneConfig with these members beside its kind, for `requests`.
  Json& config(Json members, std::vector<std::string> requests = {},
               const std::string& source = "FromClaim") {
    members["apiVersion"] = "sluice.dev/v1alpha1";
    members["kind"] = "LaneConfig";
    configs().push_back({{"source", source},
                         {"requests", std::move(requests)},
                         {"opaque", {{"driver", kDriver}, {"parameters", std::move(members)}}}});
    return configs().back();
  }

  Json& results() { return object_["status"]["allocation"]["devices"]["results"]; }

  Json& configs() { return object_["status"]["allocation"]["devices"]["config"]; }

 private:
  Json object_;
};

}  // namespace sluice::dra
