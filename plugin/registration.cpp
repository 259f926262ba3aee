#include "plugin/registration.h"

namespace sluice::plugin {

void note_streams(Standing& standing, Backoff& backoff, std::size_t streams, Moment now) {
  if (streams > 0 && standing.streams == 0) standing.opened = now;
  if (streams == 0 && standing.streams > 0) {
    if (now - standing.opened >= kStable) backoff.reset();
    standing.next_try = now + backoff.next();
  }
  standing.streams = streams;
}

bool must_register(Mode mode, const Standing& standing, const std::optional<FileIdentity>& kubelet,
                   Moment now) {
  if (mode == Mode::legacy) {
    if (!kubelet) return false;
    if (kubelet != standing.told) return true;
  }
  if (standing.socket == Socket::lost) return true;
  // The kubelet never dials again by itself once it lost us.
  return standing.streams == 0 && now >= standing.next_try;
}

}  // namespace sluice::plugin
