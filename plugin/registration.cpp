#include "plugin/registration.h"

namespace sluice::plugin {

void note_streams(RegistrationState& state, Backoff& backoff, std::size_t streams, Moment now) {
  if (streams > 0 && state.streams == 0) state.opened = now;
  if (streams == 0 && state.streams > 0) {
    if (now - state.opened >= kStable) backoff.reset();
    state.next_try = now + backoff.next();
  }
  state.streams = streams;
}

bool must_register(Mode mode, const RegistrationState& state,
                   const std::optional<FileIdentity>& kubelet, Moment now) {
  if (mode == Mode::legacy) {
    if (!kubelet) return false;
    if (kubelet != state.told) return true;
  }
  if (state.socket == Socket::lost) return true;
  // The kubelet never dials again by itself once it lost us.
  return state.streams == 0 && now >= state.next_try;
}

}  // namespace sluice::plugin
