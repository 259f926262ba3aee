#include "bench/cluster_sim/experiments.h"

namespace sluice::sim {

const std::vector<Experiment>& experiments() {
  static const std::vector<Experiment> kAll = {
      {.id = "S1", .shows = "steps and time of placing a pod", .run = solver_time, .scale = {}},
      {.id = "S2",
       .shows = "what each policy serves of rising load",
       .run = acceptance,
       .scale = {}},
      {.id = "S3",
       .shows = "pods that get stuck without a reservation, and with one",
       .run = concurrency,
       .scale = {.nodes = 100, .pods = 20'000}},
      {.id = "S4",
       .shows = "bandwidth stranded in fleets of unlike nodes",
       .run = fleets,
       .scale = {}},
      {.id = "S6",
       .shows = "cost of asking every node for every pod, and of knowing them",
       .run = control_plane,
       .scale = {.nodes = 10'000}},
      {.id = "X5",
       .shows = "two lanes of 100 Gbit/s on three nodes",
       .run = two_lanes_of_100g,
       .scale = {}},
      {.id = "X6",
       .shows = "200 pods at once for the last places",
       .run = race,
       .scale = {.nodes = 20, .pods = 200}},
      {.id = "scores",
       .shows = "what is lost where scores reach the choice coarsely",
       .run = resolution_of_scores,
       .scale = {}},
      {.id = "scale",
       .shows = "10,000 nodes and 100,000 pods under all policies",
       .run = large_fleet,
       .scale = {.nodes = 10'000, .pods = 100'000}}};
  return kAll;
}

const Experiment* find_experiment(std::string_view id) {
  for (const Experiment& experiment : experiments()) {
    if (experiment.id == id) return &experiment;
  }
  return nullptr;
}

}  // namespace sluice::sim
