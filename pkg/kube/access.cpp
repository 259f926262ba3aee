#include "pkg/kube/access.h"

#include <cstdlib>

#include "pkg/fs/text_file.h"

namespace sluice {
namespace {

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

Result<std::optional<ClusterAccess>> find_access(const std::string& kubeconfig) {
  if (!kubeconfig.empty()) return std::optional(TRY(read_kubeconfig(kubeconfig)));
  const std::string host = environment("KUBERNETES_SERVICE_HOST");
  if (host.empty()) return std::optional<ClusterAccess>();
  return std::optional(TRY(in_cluster_access(host, environment("KUBERNETES_SERVICE_PORT"))));
}

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
