#include "agent/lock_watch.h"

#include <fmt/format.h>

#include <utility>

namespace sluice {

std::map<std::string, std::string> LockWatch::look(const std::vector<std::string>& ports,
                                                   const HolderOf& holder_of,
                                                   Clock::time_point now) {
  std::map<std::string, std::string> stuck;
  std::map<std::string, Held> held;
  for (const std::string& port : ports) {
    const std::optional<LockHolder> holder = holder_of(port);
    if (!holder) continue;
    const auto known = held_.find(port);
    const bool is_same = known != held_.end() && known->second.pid == holder->pid;
    const Clock::time_point since = is_same ? known->second.since : now;
    held.emplace(port, Held{.pid = holder->pid, .since = since});
    if (now - since < kBound) continue;
    stuck.emplace(port, fmt::format("has been locked for more than {} s by {}", kBound.count(),
                                    to_string(*holder)));
  }
  held_ = std::move(held);
  return stuck;
}

}  // namespace sluice
