#include "agent/pods/token_holder.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "pkg/base/strings.h"

namespace sluice {

Result<TokenHolder> holder_of(const DeviceKey& token, const std::vector<PodDevice>& listed,
                              const std::vector<CheckpointDevice>& kept) {
  const auto is_it = [&](const auto& device) {
    return device.resource == token.resource && device.id == token.id;
  };
  std::set<std::string> pods;
  for (const PodDevice& each : listed) {
    if (is_it(each)) pods.insert(each.pod);
  }
  std::set<std::string> uids;
  for (const CheckpointDevice& each : kept) {
    if (is_it(each)) uids.insert(each.pod_uid);
  }
  if (uids.size() == 1 && pods.size() <= 1) {
    return TokenHolder{.uid = *uids.begin(), .pod = pods.empty() ? "" : *pods.begin()};
  }
  return Error(Code::busy,
               fmt::format("the kubelet does not say of one pod that it has {}: it lists {}, and "
                           "keeps the UIDs {}",
                           in_quotes(token.id), pods, uids));
}

Result<Grant> grant_of(const TokenHolder& holder, const std::vector<Grant>& grants) {
  const auto found = std::ranges::find_if(grants, [&](const Grant& grant) {
    return grant.kind == Grant::Kind::pod && grant.pod_uid == holder.uid &&
           (holder.pod.empty() || grant.name == holder.pod);
  });
  if (found != grants.end()) return *found;
  return Error(Code::busy,
               fmt::format("pod '{}' with UID {} has no lanes by annotation, or not yet, "
                           "so there are no devices for its containers",
                           holder.pod, in_quotes(holder.uid)));
}

}  // namespace sluice
