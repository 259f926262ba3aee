#include "pkg/placement/judge.h"

#include <algorithm>

#include "pkg/bandwidth/admission.h"
#include "pkg/base/strings.h"

namespace sluice {
namespace {

/// "no port of link type infiniband on NUMA node 1 with a link like 'ens*' has network 'storage'"
std::string nowhere(const LaneAsk& lane) {
  std::string text = "no port";
  if (lane.medium) text += fmt::format(" of link type {}", to_string(*lane.medium));
  if (lane.numa_node) text += fmt::format(" on NUMA node {}", *lane.numa_node);
  if (!lane.link.empty()) text += fmt::format(" with a link like {}", in_quotes(lane.link));
  if (!lane.network.empty()) text += fmt::format(" has network {}", in_quotes(lane.network));
  return text;
}

/// Of several reasons the code of the one that is gone first.
Code more_hopeful(Code a, Code b) {
  for (const Code code : {Code::busy, Code::unsupported}) {
    if (a == code || b == code) return code;
  }
  return a;
}

}  // namespace

Judge::Judge(std::span<const NodePort* const> ports, const PodAsk& ask)
    : ports_(ports), ask_(ask), verdicts_(ask.lanes.size()) {
  for (std::size_t port = 0; port < ports.size(); ++port) {
    capabilities_.push_back(&capability_of(*ports[port]));
    std::size_t first = 0;
    while (capabilities_[first] != capabilities_[port] ||
           ports[first]->line_rate != ports[port]->line_rate) {
      ++first;
    }
    alike_.push_back(first);
  }
  for (std::size_t lane = 0; lane < verdicts_.size(); ++lane) {
    judge_rate(lane);
    verdicts_[lane].matches = matches(lane);
    verdicts_[lane].could_be &= verdicts_[lane].matches;
  }
}

PortSet Judge::matches(std::size_t lane) const {
  const LaneAsk& asked = ask_.lanes[lane];
  for (std::size_t before = 0; before < lane; ++before) {
    const LaneAsk& other = ask_.lanes[before];
    const bool alike = asked.numa_node == other.numa_node && asked.medium == other.medium &&
                       asked.link == other.link && asked.network == other.network;
    if (alike) return verdicts_[before].matches;
  }
  PortSet all = 0;
  for (std::size_t port = 0; port < ports_.size(); ++port) {
    if (asked.matches(*ports_[port])) all |= bit(port);
  }
  return all;
}

void Judge::judge_rate(std::size_t lane) {
  const Rate& rate = ask_.lanes[lane].rate;
  Verdict& verdict = verdicts_[lane];
  verdict.promise.resize(ports_.size());
  for (std::size_t port = 0; port < ports_.size(); ++port) {
    const std::size_t first = alike_[port];
    const DriverCapability& capability = *capabilities_[port];
    const bool takes = first < port
                           ? has(verdict.could_be, first)
                           : validate(capability, ports_[port]->line_rate, rate).has_value();
    if (!takes) continue;
    verdict.could_be |= bit(port);
    verdict.promise[port] = effective_promise(capability, rate.floor).as_bits_per_second();
  }
}

std::uint64_t Judge::promise(std::size_t lane, std::size_t port) const {
  return verdicts_[lane].promise[port];
}

Error Judge::refusal(std::size_t lane) const {
  if (ports_.empty()) return Error(Code::unsupported, "the node has no ports");
  if (verdicts_[lane].matches == 0) return Error(Code::unsupported, nowhere(ask_.lanes[lane]));
  Code code = Code::invalid_argument;
  std::string text;
  for (std::size_t port = 0; port < ports_.size(); ++port) {
    if (!has(verdicts_[lane].matches, port)) continue;
    const Result<> valid =
        validate(capability_of(*ports_[port]), ports_[port]->line_rate, ask_.lanes[lane].rate);
    if (valid) continue;
    code = more_hopeful(code, valid.error().code());
    text += fmt::format("{}port {}: {}", text.empty() ? "" : "; ", label(*ports_[port]),
                        valid.error().message());
  }
  return Error(code, std::move(text));
}

}  // namespace sluice
