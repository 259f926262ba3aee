#pragma once

#include <cstdint>
#include <string>

#include "pkg/base/result.h"
#include "pkg/kube/api_client.h"

namespace sluice {

/// Where a Service without a selector leads: to this process and nowhere else.
struct ServiceEndpoint {
  std::string name_space;
  std::string service;  ///< Name of the Service, and of its EndpointSlice.
  std::string address;  ///< Numeric, as others reach it: that of the pod.
  std::uint16_t port = 0;
  std::string port_name;  ///< As the Service calls its port.
};

/// Has the Service's EndpointSlice (discovery.k8s.io/v1) say so, by server-side apply as field
/// manager `service`: creates it, replaces what another process wrote, writes nothing where it is
/// so already. invalid_argument for an address that is none, and where the slice that is there is
/// of another IP family, which cannot change; other errors are those of ApiClient::patch().
Result<> publish(ApiClient& client, const ServiceEndpoint& endpoint);

}  // namespace sluice
