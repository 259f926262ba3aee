#include "pkg/kube/service_endpoint.h"

#include <arpa/inet.h>

#include <nlohmann/json.hpp>

#include "pkg/base/strings.h"

namespace sluice {
namespace {

using nlohmann::json;

/// As EndpointSlices name it; the address must be numeric.
Result<const char*> family_of(const std::string& address) {
  in6_addr parsed{};
  if (::inet_pton(AF_INET, address.c_str(), &parsed) == 1) return "IPv4";
  if (::inet_pton(AF_INET6, address.c_str(), &parsed) == 1) return "IPv6";
  return Error(Code::invalid_argument, "no IP address: " + in_quotes(address));
}

json slice_of(const ServiceEndpoint& endpoint, const char* family) {
  return {{"apiVersion", "discovery.k8s.io/v1"},
          {"kind", "EndpointSlice"},
          {"metadata",
           {{"name", endpoint.service},
            {"namespace", endpoint.name_space},
            {"labels",
             {{"kubernetes.io/service-name", endpoint.service},
              // Controllers leave slices alone that others manage.
              {"endpointslice.kubernetes.io/managed-by", endpoint.service}}}}},
          {"addressType", family},
          {"endpoints", json::array({{{"addresses", json::array({endpoint.address})},
                                      {"conditions", {{"ready", true}}}}})},
          {"ports", json::array({{{"name", endpoint.port_name},
                                  {"port", static_cast<unsigned>(endpoint.port)},
                                  {"protocol", "TCP"}}})}};
}

}  // namespace

Result<> publish(ApiClient& client, const ServiceEndpoint& endpoint) {
  const char* const family = TRY(family_of(endpoint.address));
  const std::string path = fmt::format("/apis/discovery.k8s.io/v1/namespaces/{}/endpointslices/{}",
                                       endpoint.name_space, endpoint.service);
  TRY(client.patch(path, {.kind = PatchKind::apply,
                          .body = slice_of(endpoint, family).dump(),
                          .field_manager = endpoint.service}));
  return {};
}

}  // namespace sluice
