#pragma once

#include <set>
#include <string>

#include "pkg/base/result.h"

namespace sluice::plugin {

/// "sluice.dev_gold.5f3a9c01.sock": a name for one registration of "sluice.dev/gold", another one
/// each time. From 1.37 on the kubelet takes plugins for different ones by their sockets, and
/// refuses a socket while it has a stream from it (PluginConnected of its devicemanager). At most
/// 54 bytes, as a socket's path has 107: the end of a long resource is left out.
std::string new_socket_name(std::string resource);

/// Removes from `directory` those sockets of resources of `domains` that no process serves: what a
/// killed instance left. The kubelet would dial them for ever. To be called before a resource
/// registers: a kubelet of 1.36 takes the end of any of its sockets for that of the last one.
Result<> remove_stale_sockets(const std::string& directory, const std::set<std::string>& domains);

}  // namespace sluice::plugin
