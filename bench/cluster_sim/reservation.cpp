#include "bench/cluster_sim/reservation.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <vector>

namespace sluice::sim {
namespace {

class Runner {
 public:
  explicit Runner(const Rush& rush)
      : rush_(rush),
        mix_{rush.sort},
        counted_(rush.fleet, PortOrder::listed),
        ports_(rush.fleet, PortOrder::listed),
        chooser_(rush_.contestant, mix_, counted_, rush.seed),
        random_(rush.seed) {}

  RushOutcome run() && {
    double now = 0;
    for (std::size_t i = 0; i < rush_.pods; ++i) {
      now += after(rush_.seconds_between);
      pass(now);
      bind(now);
    }
    while (!steps_.empty() && steps_.top().is_attach) pass(steps_.top().when);
    pass(now + rush_.seconds_to_attach);
    return outcome_;
  }

 private:
  /// Of a pod that has a node.
  struct Step {
    double when = 0;
    bool is_attach = false;  // Else it goes.
    std::size_t pod = 0;

    friend bool operator>(const Step& a, const Step& b) {
      return a.when != b.when ? a.when > b.when : a.pod > b.pod;
    }
  };
  struct Bound {
    std::size_t node = 0;
    std::optional<Placement> placement;  // Where it was counted at bind.
    HeldLanes counted;
    HeldLanes attached;
  };

  double after(double mean) {
    if (mean == 0) return 0;
    return std::exponential_distribution<double>(1 / mean)(random_);
  }

  void bind(double now) {
    const std::optional<std::size_t> node = chooser_.choose(0);
    if (!node) {
      ++outcome_.pending;
      return;
    }
    Bound bound{.node = *node, .placement = {}, .counted = {}, .attached = {}};
    if (rush_.counted == Counted::at_bind) {
      bound.placement = rush_.contestant.place_on(counted_.ports(*node), rush_.sort.ask);
      if (bound.placement) count(bound);
    }
    steps_.push({.when = now + rush_.seconds_to_attach, .is_attach = true, .pod = bound_.size()});
    bound_.push_back(std::move(bound));
  }

  void count(Bound& bound) {
    bound.counted = counted_.give(bound.node, rush_.sort.ask, *bound.placement);
    chooser_.changed(bound.node);
  }

  void attach(const Step& step) {
    Bound& bound = bound_[step.pod];
    const bool is_new = !bound.placement;
    if (is_new)
      bound.placement = rush_.contestant.place_on(ports_.ports(bound.node), rush_.sort.ask);
    if (!bound.placement || !fits(bound)) {
      ++outcome_.stuck;
      return;
    }
    bound.attached = ports_.give(bound.node, rush_.sort.ask, *bound.placement);
    if (is_new) count(bound);
    ++outcome_.attached;
    outcome_.overcommitted =
        std::max(outcome_.overcommitted, static_cast<double>(ports_.overcommitted()));
    if (rush_.seconds_of_life == 0) return;
    steps_.push({.when = step.when + after(rush_.seconds_of_life), .pod = step.pod});
  }

  /// What the ports say, whatever was counted.
  bool fits(const Bound& bound) {
    std::vector<NodePort> ports = ports_.ports(bound.node);
    for (std::size_t lane = 0; lane < bound.placement->size(); ++lane) {
      NodePort& port = ports[(*bound.placement)[lane]];
      port.promised += rush_.sort.ask.lanes[lane].rate.floor;
      port.free_vfs = port.free_vfs.value_or(1) - 1;
      if (port.promised > port.usable || *port.free_vfs < 0) return false;
    }
    return true;
  }

  void pass(double until) {
    while (!steps_.empty() && steps_.top().when <= until) {
      const Step step = steps_.top();
      steps_.pop();
      if (step.is_attach) {
        attach(step);
        continue;
      }
      ports_.take(bound_[step.pod].attached);
      counted_.take(bound_[step.pod].counted);
      chooser_.changed(bound_[step.pod].node);
    }
  }

  const Rush& rush_;
  const Mix mix_;
  Cluster counted_;  // What choices go by.
  Cluster ports_;    // What is attached.
  Chooser chooser_;
  std::mt19937_64 random_;
  std::vector<Bound> bound_;
  std::priority_queue<Step, std::vector<Step>, std::greater<>> steps_;
  RushOutcome outcome_;
};

}  // namespace

RushOutcome run_rush(const Rush& rush) {
  return Runner(rush).run();
}

}  // namespace sluice::sim
