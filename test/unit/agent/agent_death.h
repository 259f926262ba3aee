#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "test/fake/fake_machine.h"
#include "test/support/temp_dir.h"

namespace sluice {

/// What an agent keeps in files, below a directory. `from` and `to` are beginnings of names in it.
inline void copy_agent_files(const TempDir& dir, const std::string& from, const std::string& to) {
  for (const char* const name : {"lib", "run", "cdi"}) {
    std::filesystem::remove_all(dir / (to + name));
    if (!dir.has(from + name)) continue;
    std::filesystem::copy(dir / (from + name), dir / (to + name),
                          std::filesystem::copy_options::recursive);
  }
}

/// Whether the call came to its `nth` request to the kernel, and the agent died there. Its files
/// are then as they were at its death: what a dying process would still write did not happen.
inline bool dies_in(const std::function<void()>& call, int nth, FakeMachine& machine,
                    const TempDir& dir) {
  machine.revive();
  machine.die_before(nth, [&dir] { copy_agent_files(dir, "", "at-death-"); });
  call();
  const bool is_dead = machine.is_dead();
  machine.revive();
  if (is_dead) copy_agent_files(dir, "at-death-", "");
  return is_dead;
}

}  // namespace sluice
