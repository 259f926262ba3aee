#include "agent/published/vf_lists.h"

#include <utility>

namespace sluice {

VfLists::ByLink VfLists::read(const Inventory& inventory, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (read_at_ && now - *read_at_ < kFresh) return lists_;
  lists_.clear();
  for (const Port& port : inventory.ports) {
    if (port.link.empty() || port.vfs.empty()) continue;
    const Result<std::optional<Link>> link = links_.find(port.link);
    if (!link || !*link) continue;
    Result<VfList> list = links_.vfs((*link)->index);
    if (list) lists_.emplace(port.link, *std::move(list));
  }
  read_at_ = now;
  return lists_;
}

}  // namespace sluice
