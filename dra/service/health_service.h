#pragma once

#include <grpcpp/impl/service_type.h>

#include <memory>

#include "dra/service/health_book.h"

namespace sluice::dra {

/// The gRPC service DRAResourceHealth in one version: each stream has the book that was published
/// last. Thread-safe. Must outlive its server.
class HealthService {
 public:
  virtual ~HealthService() = default;

  /// Sent to all streams, also when nothing has changed: the kubelet takes a device of which it
  /// has not heard for 30 s for unknown.
  virtual void publish(const HealthBook& book) = 0;

  /// Ends the streams that are open now. For the kubelet all devices are unknown then.
  virtual void finish() = 0;

  virtual grpc::Service& service() = 0;
};

/// Kubelets from 1.37 on speak v1; those of 1.36 ask every driver for v1alpha1, registered or not.
std::unique_ptr<HealthService> health_service_v1();
std::unique_ptr<HealthService> health_service_v1alpha1();

}  // namespace sluice::dra
