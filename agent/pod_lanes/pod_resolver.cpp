#include "agent/pod_lanes/pod_resolver.h"

#include <fmt/format.h>

#include <map>

namespace sluice {

Result<std::vector<PodLane>> PodResolver::lanes_of(const PodId& pod) {
  std::vector<PodLane> all;
  std::map<PciAddress, FrontEndName> named;  // VF -> front end
  for (FrontEnd* const front_end : front_ends_) {
    for (PodLane& lane : TRY(front_end->lanes_of(pod))) {
      const auto [known, is_new] = named.emplace(lane.vf, front_end->name());
      if (!is_new) {
        return Error(Code::internal,
                     fmt::format("VF {} is given to pod {}/{} twice: by {} and by {}",
                                 lane.vf.to_string(), pod.name_space, pod.name,
                                 to_string(known->second), to_string(front_end->name())));
      }
      all.push_back(std::move(lane));
    }
  }
  TRY(networks_.complete(all));
  return all;
}

}  // namespace sluice
