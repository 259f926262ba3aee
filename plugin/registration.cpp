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

Step next_step(Mode mode, const Standing& standing, const std::optional<FileIdentity>& kubelet,
               Moment now) {
  const bool due = now >= standing.next_try;
  if (standing.socket == Socket::lost) return Step::serve;
  if (standing.socket == Socket::none) return due ? Step::serve : Step::wait;
  if (mode == Mode::legacy && kubelet && kubelet != standing.told) return Step::introduce;
  // The kubelet never dials again by itself once it lost us.
  if (standing.streams > 0 || !due) return Step::wait;
  if (mode == Mode::registry) return Step::serve;
  return kubelet ? Step::introduce : Step::wait;
}

}  // namespace sluice::plugin
