#pragma once

#include <optional>

#include "test/fake/fake_api_server.h"

namespace sluice {

/// Feature gates of the fake server that ResourceSlices feel.
struct FakeSliceGates {
  bool consumable_capacity = true;
  bool device_taints = true;
  bool partitionable_devices = true;
};

/// What the API server does with ResourceSlices (pkg/apis/resource/validation/validation.go and
/// pkg/registry/resource/resourceslice/strategy.go of Kubernetes 1.36): drops fields of gates that
/// are off unless they were there before, stamps taints, and refuses with 422 what is not valid.
FakeApiServer::Admission slice_admission(FakeSliceGates gates = {});

/// What is not valid in a ResourceSlice of any version; empty when all is.
std::string invalid_in_slice(const nlohmann::json& object);

}  // namespace sluice
