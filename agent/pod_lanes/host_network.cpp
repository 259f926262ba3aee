#include "agent/pod_lanes/host_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "pkg/base/strings.h"

namespace sluice {
namespace {

bool names_pod(const std::string& cgroup, std::string pod_uid) {
  if (cgroup.find("pod" + pod_uid) != std::string::npos) return true;
  std::ranges::replace(pod_uid, '-', '_');
  return cgroup.find("pod" + pod_uid) != std::string::npos;
}

// By their numbers. A process may end meanwhile, and tells nothing then.
std::vector<std::string> processes_of(const Dir& proc, const std::vector<std::string>& names,
                                      const std::string& pod_uid) {
  std::vector<std::string> processes;
  for (const std::string& process : names) {
    if (!parse_int<int>(process)) continue;
    const auto cgroup = proc.read(process + "/cgroup").value_or(std::nullopt);
    if (cgroup && names_pod(*cgroup, pod_uid)) processes.push_back(process);
  }
  return processes;
}

}  // namespace

Result<std::optional<bool>> is_on_host_network(const Dir& proc, const std::string& pod_uid) {
  const auto host = TRY(proc.read_link("1/ns/net"));
  const auto names = TRY(proc.list("."));
  if (!host || !names || pod_uid.empty()) return std::optional<bool>();
  for (const std::string& process : processes_of(proc, *names, pod_uid)) {
    const auto netns = proc.read_link(process + "/ns/net").value_or(std::nullopt);
    if (netns) return std::optional(*netns == *host);
  }
  return std::optional<bool>();
}

Result<bool> has_processes(const Dir& proc, const std::string& pod_uid) {
  const auto names = TRY(proc.list("."));
  if (!names || !TRY(proc.exists("1"))) {
    return Error(Code::busy, fmt::format("the processes of pod '{}' cannot be seen", pod_uid));
  }
  return !processes_of(proc, *names, pod_uid).empty();
}

}  // namespace sluice
