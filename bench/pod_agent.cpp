#include "bench/pod_agent.h"

#include <utility>
#include <vector>

#include "pkg/ledger/offers.h"

namespace sluice::bench {

Result<std::unique_ptr<PodAgent>> PodAgent::start(const Node& node, BitRate ceiling,
                                                  const std::optional<LaneNetwork>& network) {
  std::vector<Offer> offers;
  std::vector<PodLane> lanes;
  for (const Candidate& each : node.vfs()) {
    offers.push_back({.vf = each.vf.to_string(),
                      .port = node.port(),
                      .class_name = "bench",
                      .rate = {.floor = {}, .ceiling = ceiling}});
    lanes.push_back({.vf = each.vf, .class_name = "bench", .ifname = {}});
    lanes.back().network = network;
  }
  TRY(OfferStore(node.state_dir()).save(offers));
  auto agent = std::make_unique<PodAgent>();
  agent->pods_.give("default/bench", std::move(lanes));
  agent->server_ =
      TRY(PodLanesServer::start({.path = node.run_dir() + "/agent.sock"}, agent->pods_));
  return agent;
}

}  // namespace sluice::bench
