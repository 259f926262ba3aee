#pragma once

#include <optional>
#include <string>

#include "pkg/base/result.h"
#include "pkg/http/client.h"

namespace sluice {

/// Where an API server is, and how to be let in.
struct ClusterAccess {
  std::string server;  ///< "https://10.0.0.1:443", without a slash at its end.
  HttpIdentity identity;
  std::string token;       ///< A bearer token that never changes; empty: none.
  std::string token_file;  ///< Read again for every request; takes precedence over `token`.
  std::string own_namespace;
};

/// Where kubelet mounts the credentials of a pod's service account.
inline constexpr const char* kServiceAccountDir = "/var/run/secrets/kubernetes.io/serviceaccount";

/// What a pod has: `host` and `port` are the values of KUBERNETES_SERVICE_HOST and _PORT,
/// `directory` holds ca.crt, token and namespace. not_found, saying what is missing, outside a pod.
Result<ClusterAccess> in_cluster_access(const std::string& host, const std::string& port,
                                        const std::string& directory = kServiceAccountDir);

/// As a program finds it: by the kubeconfig where one is given, else by its pod's service account.
/// nullopt where it has neither.
Result<std::optional<ClusterAccess>> find_access(const std::string& kubeconfig);

/// What a kubeconfig file (YAML or JSON) says for `context`, or for its current-context when that
/// is empty. Certificates and keys as files (relative to the kubeconfig) or as data; token or
/// tokenFile. unsupported, naming the key, for what would need another program or would weaken the
/// connection: exec, auth-provider, passwords, impersonation, insecure-skip-tls-verify, proxies.
Result<ClusterAccess> read_kubeconfig(const std::string& path, const std::string& context = "");

}  // namespace sluice
