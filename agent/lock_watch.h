#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pkg/fs/lock_holder.h"

namespace sluice {

/// Finds ports that stay locked: a driver hangs in an attach or a release, or VFs are being made.
/// No lane can be made on them meanwhile. It looks who has the lock and takes none. One thread at a
/// time.
class LockWatch {
 public:
  using Clock = std::chrono::steady_clock;

  /// Who has the lock of a port; see Ledger::holder().
  using HolderOf = std::function<std::optional<LockHolder>(const std::string& port)>;

  /// As long as a Prepare waits for a port: with a shorter one ports would come and go in the
  /// slices while Prepare still succeeds.
  static constexpr std::chrono::seconds kBound{10};

  /// Ports whose lock one process has had at each look since kBound ago -> "has been locked for
  /// more than 10 s by process 4711 ('sluice')".
  std::map<std::string, std::string> look(const std::vector<std::string>& ports,
                                          const HolderOf& holder_of, Clock::time_point now);

  /// Whether a lock was held at the last look, so that another look is due.
  bool saw_some() const { return !held_.empty(); }

 private:
  struct Held {
    int pid;
    Clock::time_point since;
  };

  std::map<std::string, Held> held_;  // By port.
};

}  // namespace sluice
