#include "bench/cluster_sim/simulate.h"

#include <algorithm>
#include <ctime>
#include <functional>
#include <numeric>
#include <queue>

namespace sluice::sim {
namespace {

constexpr std::size_t kSamples = 20;   // Of what is stranded; each asks for every sort and node.
constexpr std::uint64_t kSeed = 2026;  // Between equals; the same for every contestant.

class Simulation {
 public:
  Simulation(const Fleet& fleet, const Mix& mix, const Workload& workload,
             const Contestant& contestant)
      : mix_(mix),
        workload_(workload),
        contestant_(contestant),
        cluster_(fleet, contestant.order()),
        chooser_(contestant, mix, cluster_, kSeed),
        usable_(static_cast<double>(fleet.usable().as_bits_per_second())) {
    outcome_.came.resize(mix.size());
    outcome_.taken.resize(mix.size());
    next_sample_ = workload.measured_from;
  }

  Outcome run(const Resolution& resolution) && {
    for (const Pod& pod : workload_.pods) {
      let_go(pod.comes);
      const bool is_measured = pod.comes >= workload_.measured_from && pod.comes > 0;
      const bool is_taken = take_in(pod, resolution);
      if (!is_measured) continue;
      ++outcome_.came[pod.sort];
      outcome_.taken[pod.sort] += is_taken ? 1 : 0;
    }
    let_go(workload_.ends);
    const double hours = workload_.ends - workload_.measured_from;
    outcome_.utilisation = outcome_.served.bandwidth / hours / usable_;
    outcome_.overcommitted /= hours;
    samples_ = std::max(samples_, 1.0);
    outcome_.stranded /= samples_;
    outcome_.without_vf /= samples_;
    outcome_.placements = chooser_.placements();
    return std::move(outcome_);
  }

 private:
  struct Going {
    double when = 0;
    std::size_t held = 0;

    friend bool operator>(const Going& a, const Going& b) { return a.when > b.when; }
  };

  bool take_in(const Pod& pod, const Resolution& resolution) {
    ++outcome_.decisions;
    const std::optional<std::size_t> node = chooser_.choose(pod.sort, resolution);
    if (!node) return false;
    const PodAsk& ask = mix_[pod.sort].ask;
    const std::optional<Placement> placement = contestant_.place_on(cluster_.ports(*node), ask);
    if (!placement) return false;
    going_.push({.when = pod.goes, .held = held_.size()});
    held_.push_back(cluster_.give(*node, ask, *placement));
    chooser_.changed(*node);
    return true;
  }

  void let_go(double until) {
    while (!going_.empty() && going_.top().when <= until) {
      const Going gone = going_.top();
      pass(gone.when);
      cluster_.take(held_[gone.held]);
      chooser_.changed(held_[gone.held].node);
      held_[gone.held] = {};
      going_.pop();
    }
    pass(until);
  }

  void pass(double until) {
    const double hours = std::max(0.0, until - std::max(now_, workload_.measured_from));
    now_ = until;
    if (hours == 0) return;
    outcome_.served.bandwidth += hours * static_cast<double>(cluster_.promised());
    outcome_.served.pods += hours * static_cast<double>(going_.size());
    outcome_.overcommitted += hours * static_cast<double>(cluster_.overcommitted());
    if (now_ < next_sample_) return;
    sample();
    next_sample_ += (workload_.ends - workload_.measured_from) / kSamples;
  }

  void sample() {
    ++samples_;
    std::vector<double> free(cluster_.size());
    for (std::size_t node = 0; node < free.size(); ++node) {
      for (const NodePort& port : cluster_.ports(node)) {
        const auto here = static_cast<double>((port.usable - port.promised).as_bits_per_second());
        free[node] += here;
        if (port.free_vfs == 0) outcome_.without_vf += here;
      }
    }
    double sum = 0;
    double weights = 0;
    for (std::size_t sort = 0; sort < mix_.size(); ++sort) {
      const double weight = mix_[sort].part * mix_[sort].hours *
                            static_cast<double>(mix_[sort].floors().as_bits_per_second());
      weights += weight;
      if (weight == 0) continue;
      for (std::size_t node = 0; node < free.size(); ++node) {
        if (!chooser_.fits(sort, node)) sum += weight * free[node];
      }
    }
    outcome_.stranded += weights == 0 ? 0 : sum / weights;
  }

  const Mix& mix_;
  const Workload& workload_;
  const Contestant& contestant_;
  Cluster cluster_;
  Chooser chooser_;
  double usable_;
  std::vector<HeldLanes> held_;
  std::priority_queue<Going, std::vector<Going>, std::greater<>> going_;
  double now_ = 0;
  double next_sample_ = 0;
  double samples_ = 0;
  Outcome outcome_;
};

}  // namespace

double Outcome::taken_part() const {
  const auto all = std::accumulate(came.begin(), came.end(), std::size_t{0});
  const auto in = std::accumulate(taken.begin(), taken.end(), std::size_t{0});
  return all == 0 ? 1 : static_cast<double>(in) / static_cast<double>(all);
}

Outcome simulate(const Fleet& fleet, const Mix& mix, const Workload& workload,
                 const Contestant& contestant, const Resolution& resolution) {
  const std::clock_t start = std::clock();
  Outcome outcome = Simulation(fleet, mix, workload, contestant).run(resolution);
  outcome.seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  return outcome;
}

}  // namespace sluice::sim
