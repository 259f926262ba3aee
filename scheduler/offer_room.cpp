#include "scheduler/offer_room.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace sluice {
namespace {

BitRate floor_of(const PublishedNode& node, const std::string& name) {
  const auto floor = node.floors.find(name);
  return floor == node.floors.end() ? BitRate() : floor->second;
}

/// Offers with floor `given` that together have the floor `wanted`, at least one.
std::uint64_t offers_for(BitRate wanted, BitRate given) {
  if (given.is_zero() || wanted <= given) return 1;
  return wanted.rounded_up(given).as_bits_per_second() / given.as_bits_per_second();
}

/// How many of the class stay, whatever moves.
int kept(const PublishedNode& node, const ClassLanes& missing, const std::string& name) {
  const int offered = count_of(node.offered, name);
  const auto all = static_cast<std::uint64_t>(offered);
  const std::uint64_t for_spread = node.class_ports > 1 ? 1 : 0;
  std::uint64_t lost = 0;
  for (const auto& [gaining, count] : missing) {
    const std::uint64_t each =
        offers_for(floor_of(node, gaining), floor_of(node, name)) + for_spread;
    lost += std::min(all, each) * static_cast<std::uint64_t>(count);
  }
  const int rest = offered - static_cast<int>(std::min(all, lost));
  return std::max(rest, std::min(offered, count_of(node.wishes, name)));
}

std::string describe(const ClassLanes& missing) {
  std::string text;
  for (const auto& [name, count] : missing) {
    text +=
        fmt::format("{} to class {}, of which {} more {} wished",
                    text.empty() ? "offers move" : " and", name, count, count == 1 ? "is" : "are");
  }
  return text;
}

}  // namespace

OfferRoom offer_room(const PublishedNode& node, const ClassLanes& held) {
  OfferRoom room;
  for (const auto& [name, wished] : node.wishes) {
    const auto offered = node.offered.find(name);
    // An agent without the class does nothing about it.
    if (offered == node.offered.end() || wished <= offered->second) continue;
    room.missing[name] = wished - offered->second;
  }
  for (const auto& [name, offered] : node.offered) {
    if (room.missing.count(name) != 0) continue;
    room.left[name] = std::max(0, kept(node, room.missing, name) - count_of(held, name));
  }
  return room;
}

std::string refusal(const OfferRoom& room, const ClassLanes& asked) {
  for (const auto& [name, count] : asked) {
    const auto left = room.left.find(name);
    if (left == room.left.end() || count <= left->second) continue;
    if (!room.missing.empty()) return describe(room.missing);
    return fmt::format("offers of class {} have moved to another class, {} {} left", name,
                       left->second, left->second == 1 ? "is" : "are");
  }
  return {};
}

}  // namespace sluice
