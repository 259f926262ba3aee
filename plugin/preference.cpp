#include "plugin/preference.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>

namespace sluice::plugin {
namespace {

using Node = std::optional<int>;

// What is left of a port while a container's devices are put together.
struct Room {
  double usable = 0;  // bit/s
  double left = 0;
  std::size_t devices = 0;  // Still available there.

  // The part of the port that is left after one more floor; by number alone where no rate is known.
  double after(double floor) const { return usable > 0 ? (left - floor) / usable : 0; }
};

class Chooser {
 public:
  Chooser(const Snapshot& snapshot, const ClassDevices& offered, const PreferenceRequest& request)
      : floor_(static_cast<double>(offered.floor.as_bits_per_second())), wanted_(request.size) {
    for (const PortLoad& load : snapshot.ports) {
      const auto usable = static_cast<double>(load.usable.as_bits_per_second());
      const auto taken = static_cast<double>(load.taken.as_bits_per_second());
      rooms_[load.port] = {.usable = usable, .left = usable - taken, .devices = 0};
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

  // Enough with the fewest to spare, else the most; the lowest of equals.
  Node best_node() const {
    std::map<Node, std::size_t> counts;
    for (const auto& [id, device] : free_) ++counts[device->numa_node];
    const std::size_t missing = wanted_ - chosen_.size();
    const auto rank = [&](std::size_t count) {
      return count >= missing ? std::tuple(0, count) : std::tuple(1, missing - count);
    };
    return std::ranges::min_element(counts, {},
                                    [&](const auto& entry) { return rank(entry.second); })
        ->first;
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
    const Room& of_a = rooms_.at(a.port);
    const Room& of_b = rooms_.at(b.port);
    return std::tuple(of_a.after(floor_), of_a.devices) >
           std::tuple(of_b.after(floor_), of_b.devices);
  }

  double floor_;
  std::size_t wanted_;
  std::map<std::string, Room> rooms_;
  std::map<std::string, const Device*> free_;
  std::optional<Node> node_;  // Of the first device chosen.
  std::vector<std::string> chosen_;
};

}  // namespace

std::vector<std::string> prefer(const Snapshot& snapshot, const ClassDevices& offered,
                                const PreferenceRequest& request) {
  Chooser chooser(snapshot, offered, request);
  for (const std::string& id : request.must_include) chooser.take(id);
  chooser.fill_from_one_node();
  chooser.fill_from_anywhere();
  chooser.fill_with(request.available);
  return std::move(chooser).chosen();
}

}  // namespace sluice::plugin
