#include "pkg/kube/access.h"

#include "pkg/kube/text_file.h"

namespace sluice {

Result<ClusterAccess> in_cluster_access(const std::string& host, const std::string& port,
                                        const std::string& directory) {
  if (host.empty() || port.empty()) {
    return Error(Code::not_found,
                 "not in a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set");
  }
  const bool is_ipv6 = host.find(':') != std::string::npos;
  ClusterAccess access{.server = is_ipv6 ? fmt::format("https://[{}]:{}", host, port)
                                         : fmt::format("https://{}:{}", host, port),
                       .token_file = directory + "/token"};
  access.identity.authorities =
      TRY(read_text_file(directory + "/ca.crt").context("credentials of the service account"));
  TRY(read_text_file(access.token_file).context("credentials of the service account"));
  // Not every token has a namespace beside it, and only events of the agent itself want one.
  access.own_namespace = read_text_file(directory + "/namespace").value_or("");
  return access;
}

}  // namespace sluice
