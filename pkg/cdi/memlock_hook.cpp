#include "pkg/cdi/memlock_hook.h"

namespace sluice {
namespace {

// The hook makes one system call; a node that starts everything at once is slow.
constexpr std::chrono::seconds kTimeout{30};

}  // namespace

// The only hook that runs as the runtime's user, in its namespaces, and is told the process; and it
// runs before that process becomes the container's program (docs/locked-memory.md).
std::vector<CdiHook> memlock_hooks(const LockedMemory& memory, const std::string& path) {
  if (memory.mode == LockedMemory::Mode::leave) return {};
  CdiHook hook{.name = "createRuntime",
               .path = path,
               .args = {path.substr(path.rfind('/') + 1)},
               .timeout = kTimeout};
  if (memory.mode == LockedMemory::Mode::bytes) {
    hook.args.insert(hook.args.end(), {"--bytes", std::to_string(memory.bytes)});
  }
  return {hook};
}

}  // namespace sluice
