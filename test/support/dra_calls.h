#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "dra/claim/claim_ref.h"
#include "pkg/rpc/channel.h"
#include "proto/dra_v1.grpc.pb.h"

namespace sluice::dra {

/// A call of the kubelet for these claims, of either version of its contract.
template <typename Request>
Request request_for(const std::vector<ClaimRef>& refs) {
  Request request;
  for (const ClaimRef& ref : refs) {
    auto& claim = *request.add_claims();
    claim.set_uid(ref.uid);
    claim.set_namespace_(ref.ns);
    claim.set_name(ref.name);
  }
  return request;
}

namespace kubelet_v1 = ::k8s::io::kubelet::pkg::apis::dra::v1;

/// As long as the kubelet waits for a driver (pkg/kubelet/cm/dra/plugin: defaultClientCallTimeout).
inline constexpr std::chrono::seconds kKubeletWaits{45};

/// What the driver behind the channel answers for the claim, which may be an error.
inline Result<kubelet_v1::NodePrepareResourceResponse> ask_to_prepare(
    const std::shared_ptr<grpc::Channel>& driver, const ClaimRef& ref) {
  kubelet_v1::DRAPlugin::Stub stub(driver);
  const auto answer = TRY(call(stub, &kubelet_v1::DRAPlugin::Stub::NodePrepareResources,
                               request_for<kubelet_v1::NodePrepareResourcesRequest>({ref}),
                               kKubeletWaits, "prepare"));
  return answer.claims().at(ref.uid);
}

/// The error of its answer; empty: done.
inline Result<std::string> ask_to_unprepare(const std::shared_ptr<grpc::Channel>& driver,
                                            const ClaimRef& ref) {
  kubelet_v1::DRAPlugin::Stub stub(driver);
  const auto answer = TRY(call(stub, &kubelet_v1::DRAPlugin::Stub::NodeUnprepareResources,
                               request_for<kubelet_v1::NodeUnprepareResourcesRequest>({ref}),
                               kKubeletWaits, "unprepare"));
  return answer.claims().at(ref.uid).error();
}

}  // namespace sluice::dra
