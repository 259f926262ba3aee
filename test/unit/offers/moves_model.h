#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "pkg/offers/moves.h"

namespace sluice {

using List = std::set<std::string>;  // VFs of one class.

/// What a kubelet knows, and what is on its way to it.
struct Kubelet {
  std::map<std::string, List> lists;
  std::map<std::string, std::deque<List>> streams;  // Sent, not yet seen: a stream for each class.
  std::map<std::string, int> published;
  std::map<std::string, std::string> allocated;  // VF to class.
};

/// The agent and that kubelet.
struct World {
  std::vector<Offer> file;
  std::size_t goal = 0;
  bool sent = false;  // The lists of the file.
  bool has_view = false;
  KubernetesView view;
  Kubelet kubelet;
  OfferMover mover;
  MoveClock::time_point now;
  int changes = 0;
  int pods = 0;
  int crashes = 0;
};

/// All that decides what can happen next, in few bytes: there are very many of them.
inline std::string key_of(const World& world) {
  std::string key;
  const auto add = [&key](std::size_t value) { key += static_cast<char>('0' + value); };
  const auto add_list = [&](const List& list) {
    for (const std::string& vf : list) key += vf.back();
    key += ',';
  };
  for (const Offer& offer : world.file) {
    key += offer.vf.back();
    key += offer.class_name.front();
    add(offer.rate.floor.as_bits_per_second() / 10'000'000'000);
    add(static_cast<std::size_t>(offer.state));
  }
  key += '|';
  for (const std::size_t flag :
       {world.goal, std::size_t{world.sent}, std::size_t{world.has_view}}) {
    add(flag);
  }
  for (const int number : {world.changes, world.pods, world.crashes}) {
    add(static_cast<std::size_t>(number));
  }
  for (const auto& [class_name, count] : world.view.published) add(static_cast<std::size_t>(count));
  for (const auto& [class_name, vf] : world.view.kubelet) key += {class_name.front(), vf.back()};
  for (const auto& [class_name, list] : world.kubelet.lists) add_list(list);
  key += '|';
  for (const auto& [class_name, stream] : world.kubelet.streams) {
    for (const List& list : stream) add_list(list);
    key += ';';
  }
  for (const auto& [class_name, count] : world.kubelet.published) {
    add(static_cast<std::size_t>(count));
  }
  for (const auto& [vf, class_name] : world.kubelet.allocated) {
    key += {vf.back(), class_name.front()};
  }
  const auto waited = world.mover.longest_wait(world.now);
  add(world.mover.is_waiting() ? static_cast<std::size_t>(waited / kListTime) + 1 : 0);
  return key;
}

}  // namespace sluice
