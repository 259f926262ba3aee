#include "dra/service/health_service.h"

#include <utility>

#include "dra/service/wire_text.h"
#include "pkg/rpc/latest_streams.h"
#include "proto/dra_health_v1.grpc.pb.h"
#include "proto/dra_health_v1alpha1.grpc.pb.h"

namespace sluice::dra {
namespace {

constexpr std::size_t kLongestMessage = 1024;  // dra-health api.proto, DeviceHealth.message

/// Messages of a version.
struct HealthV1 {
  using Service = ::v1::DRAResourceHealth::CallbackService;
  using Request = ::v1::NodeWatchResourcesRequest;
  using Response = ::v1::NodeWatchResourcesResponse;
  using Status = ::v1::HealthStatus;
};

struct HealthV1alpha1 {
  using Service = ::v1alpha1::DRAResourceHealth::CallbackService;
  using Request = ::v1alpha1::NodeWatchResourcesRequest;
  using Response = ::v1alpha1::NodeWatchResourcesResponse;
  using Status = ::v1alpha1::HealthStatus;
};

// By value, which is part of the contract.
template <typename Status>
Status status_of(Health health) {
  switch (health) {
    case Health::healthy: return static_cast<Status>(1);
    case Health::unhealthy: return static_cast<Status>(2);
    case Health::unknown: break;
  }
  return static_cast<Status>(0);
}

template <typename Api>
class VersionedHealthService final : public HealthService, private Api::Service {
 public:
  void publish(const HealthBook& book) override {
    const auto message = std::make_shared<typename Api::Response>();
    for (const auto& [name, device] : book.devices) {
      auto& told = *message->add_devices();
      told.mutable_device()->set_pool_name(name.pool);
      told.mutable_device()->set_device_name(name.device);
      told.set_health(status_of<typename Api::Status>(device.health));
      told.set_last_updated_time(
          std::chrono::duration_cast<std::chrono::seconds>(device.updated.time_since_epoch())
              .count());
      told.set_message(wire_text(device.message.substr(0, kLongestMessage)));
    }
    streams_.publish(message);
  }

  void finish() override { streams_.finish(); }

  grpc::Service& service() override { return *this; }

 private:
  grpc::ServerWriteReactor<typename Api::Response>* NodeWatchResources(
      grpc::CallbackServerContext* /*context*/, const typename Api::Request* /*request*/) override {
    return streams_.open();
  }

  LatestStreams<typename Api::Response> streams_{[] {}};
};

}  // namespace

std::unique_ptr<HealthService> health_service_v1() {
  return std::make_unique<VersionedHealthService<HealthV1>>();
}

std::unique_ptr<HealthService> health_service_v1alpha1() {
  return std::make_unique<VersionedHealthService<HealthV1alpha1>>();
}

}  // namespace sluice::dra
