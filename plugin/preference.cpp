#include "plugin/preference.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>

#include "pkg/placement/rank.h"

namespace sluice::plugin {
namespace {

using Node = std::optional<int>;

std::int64_t bits(BitRate rate) {
  return static_cast<std::int64_t>(rate.as_bits_per_second());
}

// What is left of a port while a container's devices are put together.
struct Room {
  std::int64_t usable = 0;  // bit/s
  std::int64_t left = 0;
  std::size_t devices = 0;  // Still available there.

  // As the place of one more floor; by number alone where no rate is known.
  PortRank rank(std::int64_t floor) const {
    return {.left = {.left = left - floor, .of = usable}, .vfs = devices};
  }
};

class Chooser {
 public:
  Chooser(const DeviceSnapshot& snapshot, const ClassDevices& offered,
          const PreferenceRequest& request)
      : floor_(bits(offered.floor)), wanted_(request.size) {
    for (const NodePort& port : snapshot.ports) {
      rooms_[port.name] = {.usable = bits(port.usable),
                           .left = bits(port.usable) - bits(port.promised),
                           .devices = 0};
    }
    const std::set<std::string> available(request.available.begin(), request.available.end());
    for (const Device& device : offered.devices) {
      if (!available.contains(device.id)) continue;
      free_[device.id] = &device;
      ++rooms_[device.port].devices;
    }
  }

  void take(const std::string& id) {
    chosen_.push_back(id);
    const auto found = free_.find(id);
    if (found == free_.end()) return;
    Room& room = rooms_[found->second->port];
    room.left -= floor_;
    --room.devices;
    node_ = node_ ? node_ : std::optional(found->second->numa_node);
    free_.erase(found);
  }

  void fill_from_one_node() {
    if (full() || free_.empty()) return;
    const Node node = node_ ? *node_ : best_node();
    fill([&](const Device& device) { return device.numa_node == node; });
  }

  void fill_from_anywhere() {
    fill([](const Device&) { return true; });
  }

  // IDs that the kubelet knows and we do not (any more), for want of better ones.
  void fill_with(const std::vector<std::string>& ids) {
    for (const std::string& id : ids) {
      if (full()) return;
      if (std::ranges::find(chosen_, id) == chosen_.end()) chosen_.push_back(id);
    }
  }

  std::vector<std::string> chosen() && { return std::move(chosen_); }

 private:
  bool full() const { return chosen_.size() >= wanted_; }

  // The lowest of equals.
  Node best_node() const {
    std::map<Node, std::size_t> counts;
    for (const auto& [id, device] : free_) ++counts[device->numa_node];
    const std::size_t missing = wanted_ - chosen_.size();
    const auto rank = [&](const auto& entry) { return node_rank(entry.second, missing); };
    return std::ranges::min_element(counts, {}, rank)->first;
  }

  template <typename Wanted>
  void fill(Wanted wanted) {
    while (!full()) {
      const Device* best = nullptr;
      for (const auto& [id, device] : free_) {
        if (wanted(*device) && (best == nullptr || is_better(*device, *best))) best = device;
      }
      if (best == nullptr) return;
      take(std::string(best->id));
    }
  }

  // Devices are looked at in the order of their addresses, so the first of equals stays.
  bool is_better(const Device& a, const Device& b) const {
    return rooms_.at(a.port).rank(floor_) < rooms_.at(b.port).rank(floor_);
  }

  std::int64_t floor_;
  std::size_t wanted_;
  std::map<std::string, Room> rooms_;
  std::map<std::string, const Device*> free_;
  std::optional<Node> node_;  // Of the first device chosen.
  std::vector<std::string> chosen_;
};

}  // namespace

std::vector<std::string> prefer(const DeviceSnapshot& snapshot, const ClassDevices& offered,
                                const PreferenceRequest& request) {
  Chooser chooser(snapshot, offered, request);
  for (const std::string& id : request.must_include) chooser.take(id);
  chooser.fill_from_one_node();
  chooser.fill_from_anywhere();
  chooser.fill_with(request.available);
  return std::move(chooser).chosen();
}

}  // namespace sluice::plugin
