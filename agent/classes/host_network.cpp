#include "agent/classes/host_network.h"

#include <algorithm>

#include "pkg/base/strings.h"

namespace sluice {
namespace {

bool names_pod(const std::string& cgroup, std::string pod_uid) {
  if (cgroup.find("pod" + pod_uid) != std::string::npos) return true;
  std::ranges::replace(pod_uid, '-', '_');
  return cgroup.find("pod" + pod_uid) != std::string::npos;
}

}  // namespace

Result<std::optional<bool>> is_on_host_network(const Dir& proc, const std::string& pod_uid) {
  const auto host = TRY(proc.read_link("1/ns/net"));
  const auto names = TRY(proc.list("."));
  if (!host || !names || pod_uid.empty()) return std::optional<bool>();
  for (const std::string& process : *names) {
    if (!parse_int<int>(process)) continue;
    // A process may end meanwhile, and tells nothing then.
    const auto cgroup = proc.read(process + "/cgroup").value_or(std::nullopt);
    if (!cgroup || !names_pod(*cgroup, pod_uid)) continue;
    const auto netns = proc.read_link(process + "/ns/net").value_or(std::nullopt);
    if (netns) return std::optional(*netns == *host);
  }
  return std::optional<bool>();
}

}  // namespace sluice
