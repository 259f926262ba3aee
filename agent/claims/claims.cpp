#include "agent/claims/claims.h"

#include <algorithm>
#include <utility>

#include "agent/claims/claim_health.h"
#include "agent/claims/claim_metrics.h"
#include "agent/claims/read_claim.h"
#include "agent/grants/granted_vf.h"
#include "agent/lock_watch.h"
#include "dra/claim/lanes_of.h"
#include "pkg/base/crash_point.h"
#include "pkg/base/strings.h"
#include "pkg/cdi/memlock_hook.h"
#include "pkg/inventory/locate_vf.h"

namespace sluice {
namespace {

using Clock = std::chrono::steady_clock;

// The DaemonSet gives the agent 10 s to end; the kubelet repeats what was cut off.
constexpr std::chrono::seconds kLastCalls{4};

// A call ends within 40 s (dra::ClaimHandler), and what is asked of the API server takes the most
// of them where that is in trouble.
constexpr std::chrono::seconds kCall{40};

// Of a call that the CNI plugin waits for.
constexpr std::chrono::seconds kKubeletAnswers{2};

// For locked ports, VFs whose last pod has not given them back, and other calls of the claim.
constexpr std::chrono::seconds kWait = LockWatch::kBound;

// How long a call that is to have ended then may wait for one thing.
std::chrono::milliseconds wait_until(Clock::time_point end) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
  return std::clamp<std::chrono::milliseconds>(left, std::chrono::milliseconds(0), kWait);
}

Result<CdiLane> cdi_lane(const Dir& sysfs, const Config& config, const GrantedVf& granted,
                         bool in_place) {
  const PciAddress address = TRY(PciAddress::parse(granted.vf));
  const VfLocation where = TRY(locate_vf(sysfs, address));
  return CdiLane{.request = dra::main_request(granted.request),
                 .vf = granted.vf,
                 .rdma_device = where.rdma_device,
                 .interface = in_place ? where.link : granted.ifname,
                 .rate = granted.rate,
                 .char_devices = granted.char_devices,
                 .vfio_group = {},
                 .resource = resource_of(granted, config)};
}

dra::PreparedDevice prepared(const dra::ClaimedLane& lane, const CdiLane& made,
                             const std::string& uid, std::size_t index) {
  return {.requests = {dra::main_request(lane.request)},
          .pool = lane.pool,
          .device = lane.device,
          .cdi_ids = {dra::cdi_id(uid, made, index)},
          .share_id = lane.share_id,
          .rate = made.rate};
}

}  // namespace

Claims::Claims(const Parts& parts)
    : parts_(parts),
      announcer_(Log(parts.output, "claims"), parts.kubernetes),
      book_({.sysfs = parts.sysfs,
             .ledger = parts.ledger,
             .aside = parts.aside,
             .config = parts.config}),
      host_({.lanes = parts.in_place, .ledger = parts.ledger, .proc = parts.proc}),
      kubelet_(parts.pod_resources),
      reports_(announcer_, parts.metrics, parts.probes),
      measured_(*this, parts.metrics),
      statuses_({.leases = parts.leases, .log = announcer_.log(), .metrics = parts.metrics}) {}

std::optional<std::vector<std::string>> Claims::given_vfs(const Config& /*config*/) const {
  const Result<std::vector<Grant>> grants = book_.grants();
  if (!grants) return std::nullopt;
  return vfs_of(*grants);
}

Result<> Claims::reconcile(const NodeState& node) {
  const SetAside aside = TRY(parts_.aside.peek());
  const std::map<std::string, std::string> unfit = unfit_vfs(node);
  ClaimSupply supply = claim_supply(node.inventory, *node.config, node.after, aside, unfit);
  mark_locked(node.locked, supply);
  book_.know(std::move(supply.devices));
  show_claims(parts_.metrics, supply.ports, aside.grants);
  const bool has_grants =
      std::ranges::find(aside.grants, Grant::Kind::claim, &Grant::kind) != aside.grants.end();
  if (endpoint_ == nullptr && supply.ports.empty() && !has_grants) {
    is_registered_ = true;
    return {};
  }
  ApiClient* const api = parts_.kubernetes.api();
  const std::optional<NodeIdentity> identity = parts_.kubernetes.identity();
  if (api == nullptr || !identity) {
    reports_.need(api == nullptr ? "no access to the API server" : "the Node is not known yet");
    if (api == nullptr) is_registered_ = true;
    return {};
  }
  reports_.need("");
  if (endpoint_ == nullptr) TRY(start_serving(*identity, *api));
  dra::HealthBook health = health_of(identity->name, supply.ports, node, aside.grants);
  add_health(supply, unfit, identity->name, health);
  endpoint_->publish(std::move(health));
  publish(*identity, std::move(supply));
  statuses_.publish(node, *api);
  return {};
}

// Calls of the kubelet come first, then what works without them. Slices and status are the node's:
// the other instance brings them in line.
void Claims::hand_over() {
  if (endpoint_ != nullptr) endpoint_->hand_over();
  cleaner_.reset();
  publisher_.reset();
  statuses_.stop();
}

void Claims::publish(const NodeIdentity& node, ClaimSupply supply) {
  publisher_->publish({.name = node.name,
                       .uid = node.uid,
                       .domain = parts_.config.current()->domain,
                       .ports = std::move(supply.ports),
                       .vfs = std::move(supply.vfs),
                       .most = std::move(supply.most)});
}

Result<> Claims::start_serving(const NodeIdentity& node, ApiClient& api) {
  const std::string driver = parts_.config.current()->domain;
  if (publisher_ == nullptr) {
    publisher_ = std::make_unique<dra::SlicePublisher>(
        api, dra::SliceWatch::Selection{.driver = driver, .node = node.name}, reports_.listener());
  }
  dra::EndpointSettings settings;
  settings.driver = driver;
  settings.kubelet_dir = parts_.kubelet_dir;
  settings.last_calls = kLastCalls;
  is_registered_ = false;
  endpoint_ = TRY(dra::DraEndpoint::start(std::move(settings), measured_, announcer_.log(),
                                          [this](const std::string& problem) {
                                            is_registered_ = problem.empty();
                                            reports_.registered(problem);
                                          }));
  start_cleaning({.driver = driver, .node = node.name});
  return {};
}

void Claims::start_cleaning(ClaimNodeName at) {
  stale_ = std::make_unique<StaleGrants>(
      StaleGrants::Parts{.book = book_,
                         .ledger = parts_.ledger,
                         .turns = turns_,
                         .kubernetes = parts_.kubernetes,
                         .metrics = parts_.metrics,
                         .pod_resources = parts_.pod_resources,
                         .proc = parts_.proc,
                         .take_back = [this](const dra::ClaimRef& ref) { return take_back(ref); }},
      announcer_);
  cleaner_ = std::make_unique<Worker>(
      "claims", StaleGrants::kPeriod,
      [this, at = std::move(at)](const std::stop_token&) { stale_->look(at, Clock::now()); });
}

// With the limits of the configuration as it is now.
dra::ClaimCdi Claims::cdi() const {
  const ConfigPtr config = parts_.config.current();
  return {parts_.cdi_dir, memlock_hooks(config->locked_memory, parts_.memlock_hook)};
}

Result<Claims::Asked> Claims::read(const dra::ClaimRef& ref) const {
  const std::string domain = parts_.config.current()->domain;
  ApiClient& api = *parts_.kubernetes.api();
  const dra::Claim claim = TRY(get_claim(api, ref, domain));
  TRY(dra::check_uid(claim, ref));
  dra::Consumer pod = TRY(dra::pod_of(claim));
  std::vector<dra::ClaimedLane> lanes = TRY(dra::lanes_of(claim));
  PodFacts facts = TRY(get_pod(api, ref.ns, pod.name, domain));
  if (facts.uid != pod.uid) {
    return Error(Code::busy,
                 fmt::format("pod {} was replaced by another of its name", in_quotes(pod.name)));
  }
  if (facts.on_host_network) TRY(HostClaims::check(lanes).context("claim '{}'", ref.label()));
  return Asked{
      .ref = ref, .pod = std::move(pod), .facts = std::move(facts), .lanes = std::move(lanes)};
}

Result<std::vector<dra::PreparedDevice>> Claims::prepare(const dra::ClaimRef& ref) {
  const Clock::time_point end = Clock::now() + kCall;
  const Asked asked = TRY(read(ref));
  const Turns::Turn turn = TRY(turns_.take(ref.uid, wait_until(end)));
  return prepare(asked, end);
}

Result<std::vector<dra::PreparedDevice>> Claims::prepare(const Asked& asked,
                                                         Clock::time_point end) {
  const std::string& uid = asked.ref.uid;
  TRY(host_.make_way(uid, asked.pod.uid));
  const std::optional<Grant> before = TRY(book_.find(uid));
  const Grant grant =
      TRY(book_.grant({.ref = asked.ref,
                       .pod_uid = asked.pod.uid,
                       .has_others = asked.facts.has_resources || asks_by_annotation(asked.facts),
                       .lanes = asked.lanes},
                      wait_until(end)));
  Rollback undo;
  undo.add([&] { static_cast<void>(book_.restore(uid, before)); });
  crash_point("prepare.granted");
  if (asked.facts.on_host_network) {
    const std::string pod = fmt::format("{}/{}", asked.ref.ns, asked.pod.name);
    TRY(host_.attach(grant, pod, Clock::now() + wait_until(end), undo));
    crash_point("prepare.attached");
  }
  std::vector<dra::PreparedDevice> devices = TRY(hand_over(asked, grant));
  crash_point("prepare.written");
  undo.dismiss();
  return devices;
}

// The runtime knows the devices last: no container has one without what came before.
Result<std::vector<dra::PreparedDevice>> Claims::hand_over(const Asked& asked,
                                                           const Grant& grant) const {
  const ConfigPtr config = parts_.config.current();
  std::vector<CdiLane> made;
  std::vector<dra::PreparedDevice> devices;
  made.reserve(asked.lanes.size());
  devices.reserve(asked.lanes.size());
  for (std::size_t i = 0; i < asked.lanes.size(); ++i) {
    made.push_back(
        TRY(cdi_lane(parts_.sysfs, *config, grant.vfs.at(i), asked.facts.on_host_network)));
    devices.push_back(prepared(asked.lanes[i], made.back(), asked.ref.uid, i));
  }
  TRY(cdi().write(asked.ref.uid, made));
  return devices;
}

Result<> Claims::unprepare(const dra::ClaimRef& ref) {
  const Turns::Turn turn = TRY(turns_.take(ref.uid, kWait));
  return take_back(ref);
}

// The grant last: while it is there, the claim's lanes are found and its VFs are no other's.
Result<> Claims::take_back(const dra::ClaimRef& ref) {
  TRY(cdi().remove(ref.uid));
  crash_point("unprepare.hidden");
  TRY(host_.release(ref.uid));
  crash_point("unprepare.released");
  TRY(book_.release(ref.uid));
  crash_point("unprepare.revoked");
  statuses_.remove(ref);
  parts_.wake.notify();
  return {};
}

Result<std::vector<PodLane>> Claims::lanes_of(const PodId& pod) {
  std::vector<PodLane> lanes;
  if (pod.uid.empty()) return lanes;
  const std::vector<Grant> grants = TRY(book_.grants());
  for (const Grant& grant : grants) {
    if (grant.pod_uid != pod.uid) continue;
    for (const GrantedVf& vf : grant.vfs) lanes.push_back(TRY(granted_lane(grant, vf)));
  }
  if (lanes.empty()) TRY(require_no_claim_of_others(pod, grants));
  return lanes;
}

// The kubelet does not ask for a claim that it has prepared, and gives its devices to each pod that
// names it.
Result<> Claims::require_no_claim_of_others(const PodId& pod, const std::vector<Grant>& grants) {
  const bool has_claims =
      std::ranges::find(grants, Grant::Kind::claim, &Grant::kind) != grants.end();
  if (!has_claims) return {};
  const std::string name = fmt::format("{}/{}", pod.name_space, pod.name);
  const std::vector<PodClaim> listed = TRY(kubelet_.claims(kKubeletAnswers));
  for (const PodClaim& each : listed) {
    if (each.pod != name) continue;
    for (const std::string& device : each.cdi_devices) {
      const auto held = std::ranges::find_if(
          grants, [&](const Grant& grant) { return dra::is_of_claim(device, grant.uid); });
      if (held == grants.end() || held->kind != Grant::Kind::claim) continue;
      return Error(Code::unsupported,
                   fmt::format("claim {} has its lanes in another pod, and a claim is for one: use "
                               "a ResourceClaimTemplate",
                               in_quotes(each.claim)));
    }
  }
  return {};
}

}  // namespace sluice
