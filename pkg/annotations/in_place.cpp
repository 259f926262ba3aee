#include "pkg/annotations/in_place.h"

#include <fmt/format.h>

namespace sluice {

const char* not_in_place(const LaneConfig& settings) {
  if (settings.interface) return "interface";
  if (settings.mtu) return "mtu";
  if (settings.mac) return "mac";
  return settings.network ? "network" : nullptr;
}

Result<> check_in_place(const AnnotatedPod& pod) {
  for (std::size_t lane = 0; lane < pod.settings.size(); ++lane) {
    const char* const odd = not_in_place(pod.settings[lane]);
    if (odd == nullptr) continue;
    return Error(Code::unsupported,
                 fmt::format("annotation '{}': lane '{}': the pod is on the host's network, whose "
                             "links stay as they are, so not with \"{}\"",
                             kLanesAnnotation, pod.names[lane], odd));
  }
  return {};
}

}  // namespace sluice
