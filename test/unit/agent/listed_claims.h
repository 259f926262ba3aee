#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "proto/podresources_v1.grpc.pb.h"

namespace sluice {

/// What the kubelet lists of claims: containers with the claim "ml/train".
class ListedClaims final : public v1::PodResourcesLister::Service {
 public:
  grpc::Status List(grpc::ServerContext* /*context*/,
                    const v1::ListPodResourcesRequest* /*request*/,
                    v1::ListPodResourcesResponse* response) override {
    ++asked;
    if (fails) return {grpc::StatusCode::RESOURCE_EXHAUSTED, "too often"};
    for (const std::string& uid : uids) {
      auto& pod = *response->add_pod_resources();
      pod.set_namespace_("ml");
      pod.set_name("trainer");
      auto& listed = *pod.add_containers()->add_dynamic_resources();
      listed.set_claim_namespace("ml");
      listed.set_claim_name("train");
      listed.add_claim_resources()->add_cdi_devices()->set_name("sluice.dev/claim=" + uid +
                                                                "-vf0-0");
    }
    return grpc::Status::OK;
  }

  std::atomic<int> asked = 0;
  std::atomic<bool> fails = false;
  std::vector<std::string> uids;  ///< Set while no one asks.
};

}  // namespace sluice
