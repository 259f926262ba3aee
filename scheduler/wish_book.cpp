#include "scheduler/wish_book.h"

#include <algorithm>

namespace sluice {

void WishBook::judge(std::span<ClassNode> nodes) {
  const Time now = options_.now();
  std::map<Key, Unserved> before;
  before.swap(unserved_);
  for (const ClassNode& node : nodes) {
    for (const auto& [name, wished] : node.wishes) {
      const Key key(node.name, name);
      const int offered = count_of(node.offered, name);
      if (offered >= wished) {
        pauses_.erase(key);
        continue;
      }
      if (is_paused(key, now)) continue;  // It is being taken back.
      Unserved& wish = before.try_emplace(key, Unserved{offered, now}).first->second;
      if (offered > wish.offered) wish = {offered, now};
      if (now - wish.since >= options_.times.timeout) {
        give_up(key, wished, offered, now);
        continue;
      }
      unserved_.emplace(key, wish);
    }
  }
  std::erase_if(pauses_, [&](const auto& each) {
    return now - each.second.until >= options_.times.pause.longest;
  });
  take_out_paused(nodes, now);
}

bool WishBook::is_paused(const Key& key, Time now) const {
  const auto pause = pauses_.find(key);
  return pause != pauses_.end() && now < pause->second.until;
}

void WishBook::give_up(const Key& key, int wished, int offered, Time now) {
  Pause& pause = pauses_.try_emplace(key, Pause{Backoff(options_.times.pause)}).first->second;
  const std::chrono::milliseconds time = pause.times.next();
  pause.until = now + time;
  options_.given_up({.node = key.first,
                     .class_name = key.second,
                     .wished = wished,
                     .offered = offered,
                     .pause = time});
}

void WishBook::take_out_paused(std::span<ClassNode> nodes, Time now) const {
  for (const auto& [key, pause] : pauses_) {
    if (now >= pause.until) continue;
    const auto node = std::ranges::lower_bound(nodes, key.first, {}, &ClassNode::name);
    if (node != nodes.end() && node->name == key.first) node->offered.erase(key.second);
  }
}

}  // namespace sluice
