#pragma once

#include <string>
#include <string_view>

#include "pkg/base/result.h"
#include "pkg/kube/api_client.h"

namespace sluice::dra {

/// Versions of resource.k8s.io that have the objects Sluice uses, best first. v1 is served from
/// Kubernetes 1.34; the others only where an administrator turned them on.
enum class ResourceVersion { v1, v1beta2, v1beta1 };

std::string_view to_string(ResourceVersion version);

/// "/apis/resource.k8s.io/v1/resourceslices"
std::string slices_path(ResourceVersion version);

/// The best version that the server has, v1 where it does not let itself be asked; unsupported,
/// with those it has, when it has none of them.
Result<ResourceVersion> find_version(ApiClient& client);

}  // namespace sluice::dra
