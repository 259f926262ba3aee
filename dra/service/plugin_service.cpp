#include "dra/service/plugin_service.h"

#include <string>
#include <utility>

#include "dra/service/wire_text.h"
#include "proto/dra_v1.grpc.pb.h"
#include "proto/dra_v1beta1.grpc.pb.h"

namespace sluice::dra {
namespace {

namespace v1 = ::k8s::io::kubelet::pkg::apis::dra::v1;
namespace v1beta1 = ::k8s::io::kubelet::pkg::apis::dra::v1beta1;

/// Messages of a version.
struct PluginV1 {
  using Service = v1::DRAPlugin::Service;
  using Stub = v1::DRAPlugin::Stub;
  using PrepareRequest = v1::NodePrepareResourcesRequest;
  using PrepareResponse = v1::NodePrepareResourcesResponse;
  using UnprepareRequest = v1::NodeUnprepareResourcesRequest;
  using UnprepareResponse = v1::NodeUnprepareResourcesResponse;

  static void set_share(std::string id, v1::Device& device) {
    if (!id.empty()) device.set_share_id(std::move(id));
  }
};

struct PluginV1beta1 {
  using Service = v1beta1::DRAPlugin::Service;
  using Stub = v1beta1::DRAPlugin::Stub;
  using PrepareRequest = v1beta1::NodePrepareResourcesRequest;
  using PrepareResponse = v1beta1::NodePrepareResourcesResponse;
  using UnprepareRequest = v1beta1::NodeUnprepareResourcesRequest;
  using UnprepareResponse = v1beta1::NodeUnprepareResourcesResponse;

  static void set_share(const std::string& /*id*/, v1beta1::Device& /*device*/) {}
};

template <typename Request>
std::vector<ClaimRef> claims_of(const Request& request) {
  std::vector<ClaimRef> claims;
  for (const auto& claim : request.claims()) {
    claims.push_back({.uid = claim.uid(), .ns = claim.namespace_(), .name = claim.name()});
  }
  return claims;
}

template <typename Api>
class PluginService final : public Api::Service {
 public:
  explicit PluginService(ClaimCalls& calls) : calls_(calls) {}

  grpc::Status NodePrepareResources(grpc::ServerContext* context,
                                    const typename Api::PrepareRequest* request,
                                    typename Api::PrepareResponse* response) override {
    return calls_.relay().answer(*context, &Api::Stub::NodePrepareResources, *request, *response,
                                 [&] { return prepare(*request, *response); });
  }

  grpc::Status NodeUnprepareResources(grpc::ServerContext* context,
                                      const typename Api::UnprepareRequest* request,
                                      typename Api::UnprepareResponse* response) override {
    return calls_.relay().answer(*context, &Api::Stub::NodeUnprepareResources, *request, *response,
                                 [&] { return unprepare(*request, *response); });
  }

 private:
  grpc::Status prepare(const typename Api::PrepareRequest& request,
                       typename Api::PrepareResponse& response) {
    const std::vector<ClaimRef> claims = claims_of(request);
    auto answers = calls_.prepare(claims);
    for (std::size_t i = 0; i < claims.size(); ++i) {
      auto& told = (*response.mutable_claims())[claims[i].uid];
      if (!answers[i]) {
        told.set_error(wire_text(answers[i].error().message()));
        continue;
      }
      for (PreparedDevice& device : *answers[i]) encode(std::move(device), *told.add_devices());
    }
    return grpc::Status::OK;
  }

  grpc::Status unprepare(const typename Api::UnprepareRequest& request,
                         typename Api::UnprepareResponse& response) {
    const std::vector<ClaimRef> claims = claims_of(request);
    const std::vector<Result<>> answers = calls_.unprepare(claims);
    for (std::size_t i = 0; i < claims.size(); ++i) {
      auto& told = (*response.mutable_claims())[claims[i].uid];
      if (!answers[i]) told.set_error(wire_text(answers[i].error().message()));
    }
    return grpc::Status::OK;
  }

  template <typename Device>
  static void encode(PreparedDevice from, Device& device) {
    for (std::string& request : from.requests) device.add_request_names(std::move(request));
    device.set_pool_name(std::move(from.pool));
    device.set_device_name(std::move(from.device));
    for (std::string& id : from.cdi_ids) device.add_cdi_device_ids(std::move(id));
    Api::set_share(std::move(from.share_id), device);
  }

  ClaimCalls& calls_;
};

}  // namespace

std::unique_ptr<grpc::Service> plugin_service_v1(ClaimCalls& calls) {
  return std::make_unique<PluginService<PluginV1>>(calls);
}

std::unique_ptr<grpc::Service> plugin_service_v1beta1(ClaimCalls& calls) {
  return std::make_unique<PluginService<PluginV1beta1>>(calls);
}

}  // namespace sluice::dra
