#include "agent/pods/pods.h"

#include <algorithm>
#include <utility>

#include "agent/grants/granted_vf.h"

namespace sluice {
namespace {

// The CNI plugin waits 12 s for the answer (PodLanesClient), which takes the locks of ports, too.
constexpr std::chrono::seconds kAsking{5};
constexpr std::chrono::seconds kAttempt{3};

// For another call of the pod.
constexpr std::chrono::seconds kWait{5};

constexpr const char* kNoAccess = "no access to the API server";

ApiOptions within_a_call(ApiOptions options) {
  options.deadline = kAsking;
  options.attempt = kAttempt;
  return options;
}

Result<std::vector<PodLane>> lanes_by(const Grant& grant) {
  std::vector<PodLane> lanes;
  lanes.reserve(grant.vfs.size());
  for (const GrantedVf& vf : grant.vfs) lanes.push_back(TRY(granted_lane(grant, vf)));
  return lanes;
}

std::vector<std::string> ports_with_share(const NodeState& node) {
  std::vector<std::string> ports;
  for (const Port& port : node.inventory.ports) {
    const ProvisionRule* const rule = node.config->ports.rule_for(port);
    if (rule == nullptr || !rule->shares.of(FrontEndName::pods)) continue;
    ports.push_back(port.address.to_string());
  }
  return ports;
}

// Also of pods that had their lanes when the agent last ran.
bool has_host_pods(const NodeState& node) {
  return std::ranges::any_of(node.after, [](const PortRecord& port) {
    return std::ranges::any_of(port.lanes, is_host_pods);
  });
}

}  // namespace

Pods::Pods(const Parts& parts)
    : parts_(parts),
      reports_({Log(parts.output, "pods"), parts.kubernetes}, parts.metrics, parts.probes),
      book_({.sysfs = parts.sysfs,
             .ledger = parts.ledger,
             .aside = parts.aside,
             .config = parts.config}),
      grants_(book_, reports_),
      ended_({.book = book_,
              .ledger = parts.ledger,
              .turns = turns_,
              .has_ended = [this](const Grant& grant) -> Result<bool> {
                if (!api_) return Error(Code::busy, kNoAccess);
                return has_ended(*api_, grant, parts_.config.current()->domain);
              },
              .released = [&wake = parts.wake] { wake.notify(); }},
             reports_.announcer()),
      host_lanes_({.lanes = parts.in_place, .ledger = parts.ledger, .proc = parts.proc}),
      host_pods_({.book = book_,
                  .grants = grants_,
                  .lanes = host_lanes_,
                  .turns = turns_,
                  .reports = reports_,
                  .config = parts.config,
                  .ledger = parts.ledger}) {
  if (const ApiClient* const api = parts.kubernetes.api(); api != nullptr) {
    api_.emplace(api->access(), within_a_call(api->options()));
  }
  cleaner_ = std::make_unique<Worker>("pods", EndedPods::kPeriod, [this](const std::stop_token&) {
    ended_.look(EndedPods::Clock::now());
  });
}

std::optional<std::vector<std::string>> Pods::given_vfs(const Config& /*config*/) const {
  const Result<std::vector<Grant>> grants = book_.grants();
  if (!grants) return std::nullopt;
  return vfs_of(*grants);
}

// By the configuration, not by the ports that are there: of a port that is gone for a moment the
// pods must not start without their lanes.
Result<> Pods::reconcile(const NodeState& node) {
  const std::vector<Grant> grants = TRY(book_.grants());
  reports_.show(ports_with_share(node), grants);
  const bool is_needed = node.config->has_share(FrontEndName::pods) || !grants.empty();
  reports_.need(api_ || !is_needed ? "" : kNoAccess);
  if (is_needed || has_host_pods(node)) watch_host_pods();
  return is_needed ? parts_.aside.every_pod.set() : parts_.aside.every_pod.clear();
}

void Pods::watch_host_pods() {
  const std::optional<NodeIdentity> node = parts_.kubernetes.identity();
  if (host_watch_ != nullptr || !node) return;
  ApiClient* const api = parts_.kubernetes.api();
  if (api == nullptr) return;
  host_worker_ = std::make_unique<Worker>(
      "host-pods", HostPods::kPeriod,
      [this](const std::stop_token& stop) { host_pods_.look(HostPods::Clock::now(), stop); });
  host_watch_ =
      std::make_unique<HostPodWatch>(HostPodWatch::Parts{.api = *api,
                                                         .node = node->name,
                                                         .domain = parts_.config.current()->domain,
                                                         .pods = host_pods_,
                                                         .shown = [this] { host_worker_->wake(); }},
                                     reports_.announcer());
}

// Waits for grants that are being made, and for lanes in place.
void Pods::hand_over() {
  cleaner_.reset();
  host_watch_.reset();
  host_worker_.reset();
  grants_.hand_over();
}

Result<PodFacts> Pods::read(const PodId& pod) {
  if (!api_) return Error(Code::busy, kNoAccess);
  const std::string domain = parts_.config.current()->domain;
  Result<PodFacts> facts = get_pod(*api_, pod.name_space, pod.name, domain);
  if (!facts) return Error(Code::busy, facts.error().message());  // Whatever it is, it may pass.
  if (!pod.uid.empty() && !facts->is(pod.uid)) {
    return Error(Code::busy, fmt::format("pod '{}/{}' has UID '{}' now, not '{}'", pod.name_space,
                                         pod.name, facts->uid, pod.uid));
  }
  return facts;
}

// A sandbox that is made again has what the pod was granted, whatever the API server says.
Result<std::vector<PodLane>> Pods::lanes_of(const PodId& pod) {
  const std::optional<Grant> known = TRY(book_.find(pod.uid));
  if (known) return lanes_by(*known);
  if (!parts_.config.current()->has_share(FrontEndName::pods)) return std::vector<PodLane>();
  const PodFacts facts = TRY(read(pod));
  const std::optional<PodWish> wish = TRY(grants_.wish_of(pod, facts));
  if (!wish) return std::vector<PodLane>();
  if (facts.on_host_network) {
    return Error(Code::unsupported, fmt::format("pod '{}' is on the host's network, where its "
                                                "lanes are made in place",
                                                wish->name));
  }
  const Turns::Turn turn = TRY(turns_.take(wish->uid, kWait));
  const Grant made = TRY(grants_.grant(*wish, turn));
  return lanes_by(made);
}

}  // namespace sluice
