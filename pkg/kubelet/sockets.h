#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "pkg/base/result.h"

namespace sluice {

/// "sluice.dev_gold.5f3a9c01.sock": a name for one registration of "sluice.dev/gold", another one
/// each time. From 1.37 on the kubelet takes device plugins for different ones by their sockets,
/// and refuses a socket while it has a stream from it (PluginConnected of its devicemanager); of a
/// DRA driver it refuses an endpoint that it knows. At most 54 bytes, as a socket's path has 107:
/// of a long text a number stands for the end.
std::string new_socket_name(const std::string& text);

/// Removes from `directory` those sockets that no process serves and whose names were made of texts
/// that begin like one of `beginnings` ("sluice.dev/"): what a killed instance left. The kubelet
/// would dial them for ever. To be called before anything registers: a kubelet of 1.36 takes the
/// end of any socket of a resource for that of the last one.
Result<> remove_stale_sockets(const std::string& directory,
                              const std::set<std::string>& beginnings);

/// A socket, and when it was made.
struct MadeSocket {
  std::string path;
  std::uint64_t born_ns = 0;  ///< 0: it is not there.
};

MadeSocket made_socket(std::string path);

/// The last socket of `directory` that was made for `text`, after `before`. Of one that was made in
/// the same tick of the kernel's clock that is believed, too.
std::optional<std::string> newest_socket(const std::string& directory, const std::string& text,
                                         const MadeSocket& before);

}  // namespace sluice
