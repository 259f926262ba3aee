#include "bench/cluster_sim/bound.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>
#include <queue>
#include <set>

namespace sluice::sim {
namespace {

/// Bandwidth, or VFs: what pods of a sort take, and what those of at least some size can have.
struct Resource {
  struct Level {
    double room = 0;
    std::vector<bool> counts;  // By sort: pods that have no other room than this.
  };

  std::vector<double> each;   // By sort.
  std::vector<Level> levels;  // Sorts of each are among those of the one before.
};

/// The most worth that fits: sums of nested sets are a polymatroid, so taking what is worth most
/// for what it takes first is optimal.
double most_worth(const Resource& of, const std::vector<std::size_t>& order,
                  const std::vector<double>& worth, const std::vector<double>& there) {
  std::vector<double> room;
  room.reserve(of.levels.size());
  for (const Resource::Level& level : of.levels) room.push_back(level.room);
  double sum = 0;
  for (const std::size_t sort : order) {
    double fits = there[sort];
    for (std::size_t level = 0; level < room.size() && of.each[sort] > 0; ++level) {
      if (of.levels[level].counts[sort]) fits = std::min(fits, room[level] / of.each[sort]);
    }
    for (std::size_t level = 0; level < room.size(); ++level) {
      if (of.levels[level].counts[sort]) room[level] -= fits * of.each[sort];
    }
    sum += fits * worth[sort];
  }
  return sum;
}

/// Sorts by what they are worth for what they take, most first.
std::vector<std::size_t> order_of(const Resource& of, const std::vector<double>& worth) {
  std::vector<std::size_t> order(worth.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return worth[a] * of.each[b] > worth[b] * of.each[a];
  });
  return order;
}

double bits(BitRate rate) {
  return static_cast<double>(rate.as_bits_per_second());
}

/// A level for every bound that sorts can be above, of the room where `most` is larger.
template <typename Need, typename Most>
std::vector<Resource::Level> levels_of(const Mix& mix,
                                       const std::vector<std::pair<Most, double>>& rooms,
                                       Need need) {
  std::set<Most> bounds = {Most()};
  for (const auto& [most, room] : rooms) bounds.insert(most);
  std::vector<Resource::Level> levels;
  for (const Most bound : bounds) {
    Resource::Level level;
    level.counts.reserve(mix.size());
    for (const auto& [most, room] : rooms) level.room += most > bound ? room : 0;
    for (const PodSort& sort : mix) level.counts.push_back(bound == Most() || need(sort) > bound);
    levels.push_back(std::move(level));
  }
  return levels;
}

/// By port, and by node: bandwidth and VFs each.
std::vector<Resource> resources_of(const Fleet& fleet, const Mix& mix) {
  using Rooms = std::vector<std::pair<BitRate, double>>;
  Rooms bandwidth_by_port;
  Rooms vfs_by_port;
  Rooms bandwidth_by_node;
  Rooms vfs_by_node;
  for (const std::size_t shape : fleet.nodes) {
    const BitRate node = usable_of(fleet.shapes[shape].ports);
    for (const NodePort& port : fleet.shapes[shape].ports) {
      bandwidth_by_port.emplace_back(port.usable, bits(port.usable));
      vfs_by_port.emplace_back(port.usable, port.free_vfs.value_or(0));
      bandwidth_by_node.emplace_back(node, bits(port.usable));
      vfs_by_node.emplace_back(node, port.free_vfs.value_or(0));
    }
  }
  std::vector<double> bandwidth;
  std::vector<double> vfs;
  bandwidth.reserve(mix.size());
  vfs.reserve(mix.size());
  for (const PodSort& sort : mix) {
    bandwidth.push_back(bits(sort.floors()));
    vfs.push_back(static_cast<double>(sort.ask.lanes.size()));
  }
  const auto by_lane = [](const PodSort& sort) { return sort.largest_floor(); };
  const auto by_pod = [](const PodSort& sort) { return sort.floors(); };
  return {{.each = bandwidth, .levels = levels_of(mix, bandwidth_by_port, by_lane)},
          {.each = vfs, .levels = levels_of(mix, vfs_by_port, by_lane)},
          {.each = bandwidth, .levels = levels_of(mix, bandwidth_by_node, by_pod)},
          {.each = vfs, .levels = levels_of(mix, vfs_by_node, by_pod)}};
}

/// The least of the resources' bounds.
class Relaxation {
 public:
  Relaxation(const Fleet& fleet, const Mix& mix, std::vector<double> worth)
      : resources_(resources_of(fleet, mix)), worth_(std::move(worth)) {
    orders_.reserve(resources_.size());
    for (const Resource& resource : resources_) orders_.push_back(order_of(resource, worth_));
  }

  double most(const std::vector<double>& there) const {
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < resources_.size(); ++i) {
      least = std::min(least, most_worth(resources_[i], orders_[i], worth_, there));
    }
    return least;
  }

  double asked(const std::vector<double>& there) const {
    return std::inner_product(there.begin(), there.end(), worth_.begin(), 0.0);
  }

 private:
  std::vector<Resource> resources_;
  std::vector<double> worth_;
  std::vector<std::vector<std::size_t>> orders_;
};

}  // namespace

Bound upper_bound(const Fleet& fleet, const Mix& mix, const Workload& workload) {
  std::vector<double> floors;
  floors.reserve(mix.size());
  for (const PodSort& sort : mix) floors.push_back(bits(sort.floors()));
  const Relaxation bandwidth(fleet, mix, floors);
  const Relaxation pods(fleet, mix, std::vector<double>(mix.size(), 1));

  using Going = std::pair<double, std::size_t>;  // When, and of which sort.
  std::priority_queue<Going, std::vector<Going>, std::greater<>> going;
  std::vector<double> there(mix.size());
  Bound bound;
  double now = 0;
  const auto pass = [&](double until) {
    const double hours = std::max(0.0, until - std::max(now, workload.measured_from));
    now = until;
    if (hours == 0) return;
    bound.asked.bandwidth += hours * bandwidth.asked(there);
    bound.asked.pods += hours * pods.asked(there);
    bound.bandwidth += hours * bandwidth.most(there);
    bound.pods += hours * pods.most(there);
  };
  const auto let_go = [&](double until) {
    while (!going.empty() && going.top().first <= until) {
      pass(going.top().first);
      there[going.top().second] -= 1;
      going.pop();
    }
    pass(until);
  };
  for (const Pod& pod : workload.pods) {
    let_go(pod.comes);
    there[pod.sort] += 1;
    going.emplace(pod.goes, pod.sort);
  }
  let_go(workload.ends);
  return bound;
}

}  // namespace sluice::sim
