#pragma once

#include <grpcpp/impl/service_type.h>

#include <memory>

#include "dra/service/claim_calls.h"

namespace sluice::dra {

/// The gRPC service DRAPlugin in the two versions that kubelets speak: v1 from 1.34 on, v1beta1
/// before. They answer alike, but only v1 has share IDs. What fails for a claim is told of that
/// claim, and the call itself succeeds. `calls` must outlive the service.
std::unique_ptr<grpc::Service> plugin_service_v1(ClaimCalls& calls);
std::unique_ptr<grpc::Service> plugin_service_v1beta1(ClaimCalls& calls);

}  // namespace sluice::dra
