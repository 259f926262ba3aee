#pragma once

#include <optional>
#include <string>

#include "pkg/base/result.h"
#include "pkg/fs/dir.h"

namespace sluice {

// A pod's processes are known by their cgroup, whose name has the pod's UID, with "_" for "-" where
// systemd made it (kubelet/cm/cgroup_manager_linux.go). `proc` is /proc, with the processes of the
// host.

/// Whether the pod's processes are in the network namespace of process 1; nullopt while it has none
/// that can be told.
Result<std::optional<bool>> is_on_host_network(const Dir& proc, const std::string& pod_uid);

/// Whether a process of the pod lives, that of its sandbox included. busy where `proc` shows no
/// processes: then no pod is taken for ended.
Result<bool> has_processes(const Dir& proc, const std::string& pod_uid);

}  // namespace sluice
