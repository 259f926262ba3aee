#include "plugin/choose.h"

#include <algorithm>
#include <set>

#include "pkg/base/kube_names.h"
#include "pkg/base/strings.h"

namespace sluice::plugin {
namespace {

Result<> judge(const Device& device) {
  if (!device.taken.empty()) {
    return Error(Code::busy, fmt::format("device '{}' is held by {}", device.id, device.taken));
  }
  // A carrier comes back, and a refusal would fail a pod for good that the kubelet has admitted
  // before it heard of the loss.
  if (!device.unhealthy.empty() && !device.awaits_carrier) {
    return Error(Code::busy,
                 fmt::format("device '{}' is unhealthy: {}", device.id, device.unhealthy));
  }
  return {};
}

Error bad_name(const std::string& resource, std::string_view why) {
  return {Code::invalid_argument, fmt::format("resource name {}: {}", in_quotes(resource), why)};
}

}  // namespace

const ClassDevices* DeviceSnapshot::find(const std::string& resource) const {
  const auto found = std::ranges::find(classes, resource, &ClassDevices::resource);
  return found == classes.end() ? nullptr : &*found;
}

Result<std::vector<const Device*>> choose(const ClassDevices& offered,
                                          const std::vector<std::string>& ids) {
  std::vector<const Device*> chosen;
  chosen.reserve(ids.size());
  for (const std::string& id : ids) {
    const auto found = std::ranges::find(offered.devices, id, &Device::id);
    if (found == offered.devices.end()) {
      return Error(Code::not_found, fmt::format("device {} is not offered under '{}'",
                                                in_quotes(id), offered.resource));
    }
    if (std::ranges::find(chosen, &*found) != chosen.end()) {
      return Error(Code::invalid_argument, fmt::format("device '{}' is asked for twice", id));
    }
    TRY(judge(*found));
    chosen.push_back(&*found);
  }
  return chosen;
}

Result<> check_resource_name(const std::string& resource) {
  // kubelet's IsExtendedResourceName, and its limit on a qualified name's second part.
  constexpr std::size_t kLongestName = 63;
  const auto parts = split(resource, '/');
  if (parts.size() != 2) return bad_name(resource, "want '<domain>/<name>'");
  if (!is_dns_subdomain(parts[0])) {
    return bad_name(resource, "the domain is no DNS name in lower case");
  }
  if (parts[0].ends_with("kubernetes.io")) {
    return bad_name(resource, "the domain is Kubernetes' own");
  }
  if (resource.starts_with("requests.")) {
    return bad_name(resource, "'requests.' is what quotas put before a name");
  }
  if (parts[1].size() > kLongestName || !is_name(parts[1], "-_.")) {
    return bad_name(resource,
                    "the name must have at most 63 letters, digits, '-', '_' and '.', "
                    "with a letter or digit at both ends");
  }
  return {};
}

Result<> check(const DeviceSnapshot& snapshot) {
  std::set<std::string_view> resources;
  std::set<std::string_view> ids;
  for (const ClassDevices& offered : snapshot.classes) {
    TRY(check_resource_name(offered.resource));
    if (!resources.insert(offered.resource).second) {
      return Error(Code::already_exists,
                   fmt::format("resource '{}' is there twice", offered.resource));
    }
    for (const Device& device : offered.devices) {
      if (!ids.insert(device.id).second) {
        return Error(Code::already_exists,
                     fmt::format("device '{}' is offered twice, now under '{}'", device.id,
                                 offered.resource));
      }
    }
  }
  return {};
}

}  // namespace sluice::plugin
