#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "pkg/base/backoff.h"
#include "pkg/fs/file_identity.h"

namespace sluice::plugin {

/// How the kubelet learns of a resource.
enum class Mode {
  registry,  ///< It finds the socket in plugins_registry and asks; it keeps it over a restart.
  legacy,    ///< It is told on kubelet.sock, and wipes all sockets when it starts.
};

using Moment = std::chrono::steady_clock::time_point;

enum class Socket {
  none,  ///< Not made yet, or that failed.
  lost,  ///< Made, and removed: by the kubelet, when it starts.
  ours,
};

/// What is known about the registration of one resource.
struct RegistrationState {
  Socket socket = Socket::none;
  std::size_t streams = 0;           ///< Open ListAndWatch calls.
  Moment opened;                     ///< When the first of them was.
  Moment next_try;                   ///< When to try again what did not work, or had no result.
  std::optional<FileIdentity> told;  ///< The kubelet.sock there was at the last registration.
};

/// A stream that lasted that long shows that registering works. One that ends sooner may have been
/// ended by the very registration that came after it, so the next one waits longer.
inline constexpr std::chrono::seconds kStable{10};

/// Takes in that `streams` are open now. When the last has ended the kubelet, which may be gone
/// only for a moment, is given the next wait of `backoff` to come back.
void note_streams(RegistrationState& state, Backoff& backoff, std::size_t streams, Moment now);

/// Whether to register now, with a new socket. `kubelet` is the kubelet.sock there is now. Pure.
bool must_register(Mode mode, const RegistrationState& state,
                   const std::optional<FileIdentity>& kubelet, Moment now);

}  // namespace sluice::plugin
