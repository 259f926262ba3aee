#include "agent/claims/claims.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "agent/claims/claim_share.h"
#include "agent/claims/pod_facts.h"
#include "dra/claim/lanes_of.h"
#include "dra/slices/device_name.h"
#include "pkg/base/strings.h"
#include "pkg/cdi/memlock_hook.h"
#include "pkg/inventory/locate_vf.h"

namespace sluice {
namespace {

using Clock = std::chrono::steady_clock;

// The DaemonSet gives the agent 10 s to end; the kubelet repeats what was cut off.
constexpr std::chrono::seconds kLastCalls{4};

// A claim's pod gets its lanes by the CNI plugin, which is not run on the host's network.
Error on_host_network(const dra::Consumer& pod) {
  return {Code::unsupported,
          fmt::format("pod {} is on the host's network, where claims have no lanes: use a class",
                      in_quotes(pod.name))};
}

Result<dra::CdiLane> cdi_lane(const Dir& sysfs, const GrantedVf& granted) {
  const PciAddress address = TRY(PciAddress::parse(granted.vf));
  const VfLocation where = TRY(locate_vf(sysfs, address));
  return dra::CdiLane{.request = dra::main_request(granted.request),
                      .vf = granted.vf,
                      .rdma_device = where.rdma_device,
                      .interface = granted.ifname,
                      .rate = granted.rate,
                      .char_devices = granted.char_devices,
                      .vfio_group = {}};
}

dra::PreparedDevice prepared(const dra::ClaimedLane& lane, const dra::CdiLane& made,
                             const std::string& uid, std::size_t index) {
  return {.requests = {dra::main_request(lane.request)},
          .pool = lane.pool,
          .device = lane.device,
          .cdi_ids = {dra::cdi_id(uid, made, index)},
          .share_id = lane.share_id,
          .rate = made.rate};
}

dra::HealthBook health_of(const std::string& pool, const std::vector<dra::ClaimPort>& ports) {
  dra::HealthBook book;
  const auto now = std::chrono::system_clock::now();
  for (const dra::ClaimPort& port : ports) {
    book.devices[{pool, dra::port_device_name(port.share.name)}] = {
        .health = port.carrier ? dra::Health::healthy : dra::Health::unhealthy,
        .updated = now,
        .message = port.carrier ? "" : fmt::format("port {} has no carrier", port.share.link)};
  }
  return book;
}

}  // namespace

Claims::Claims(const Parts& parts)
    : parts_(parts),
      announcer_(Log(parts.output, "claims"), parts.kubernetes),
      book_({.sysfs = parts.sysfs,
             .ledger = parts.ledger,
             .aside = parts.aside,
             .config = parts.config}) {}

std::optional<std::vector<std::string>> Claims::given_vfs(const Config& /*config*/) const {
  const Result<std::vector<Grant>> grants = book_.grants();
  if (!grants) return std::nullopt;
  std::vector<std::string> vfs;
  for (const Grant& grant : *grants) {
    for (const GrantedVf& vf : grant.vfs) vfs.push_back(vf.vf);
  }
  return vfs;
}

Result<> Claims::reconcile(const NodeState& node) {
  const SetAside aside = TRY(parts_.aside.peek());
  std::vector<dra::ClaimPort> ports = claim_ports(node.inventory, *node.config, node.after, aside);
  std::map<std::string, PciAddress> devices;
  for (const dra::ClaimPort& port : ports) {
    devices.emplace(dra::port_device_name(port.share.name),
                    TRY(PciAddress::parse(port.share.name)));
  }
  book_.know(std::move(devices));
  ApiClient* const api = parts_.kubernetes.api();
  const std::optional<NodeIdentity> identity = parts_.kubernetes.identity();
  if (api == nullptr || !identity) return {};
  const bool has_grants =
      std::ranges::find(aside.grants, Grant::Kind::claim, &Grant::kind) != aside.grants.end();
  if (endpoint_ == nullptr && ports.empty() && !has_grants) return {};
  if (endpoint_ == nullptr) TRY(start_serving(*identity, *api));
  publish(*identity, std::move(ports));
  return {};
}

Result<> Claims::start_serving(const NodeIdentity& node, ApiClient& api) {
  const std::string driver = parts_.config.current()->domain;
  const Log& log = announcer_.log();
  if (publisher_ == nullptr) {
    publisher_ = std::make_unique<dra::SlicePublisher>(
        api, dra::SliceWatch::Selection{.driver = driver, .node = node.name}, listener());
  }
  dra::EndpointSettings settings;
  settings.driver = driver;
  settings.kubelet_dir = parts_.kubelet_dir;
  settings.last_calls = kLastCalls;
  endpoint_ = TRY(
      dra::DraEndpoint::start(std::move(settings), *this, log, [log](const std::string& problem) {
        if (problem.empty()) return log.info("the kubelet has accepted the DRA driver");
        log.warn("the DRA driver is not registered", {{"reason", problem}});
      }));
  return {};
}

void Claims::publish(const NodeIdentity& node, std::vector<dra::ClaimPort> ports) {
  endpoint_->publish(health_of(node.name, ports));
  publisher_->publish({.name = node.name,
                       .uid = node.uid,
                       .domain = parts_.config.current()->domain,
                       .ports = std::move(ports),
                       .vfs = {}});
}

dra::SliceListener Claims::listener() {
  const auto tell = [this](const std::string& what, const std::string& why) {
    const std::lock_guard lock(mutex_);
    if (!failures_.worth_telling(what, why, Clock::now())) return;
    announcer_.log().warn("ResourceSlices are not as they should be",
                          {{"verb", what}, {"reason", why}});
  };
  return {.published =
              [this](const dra::PublishedSlices& done) {
                announcer_.log().info("ResourceSlices are published",
                                      {{"slices", done.slices},
                                       {"devices", done.devices},
                                       {"writes", done.writes},
                                       {"shared", done.shared_devices}});
              },
          .failed = [tell](const std::string& verb,
                           const Error& error) { tell(verb, error.message()); },
          .dropped =
              [tell](const std::vector<std::string>& fields) {
                tell("create", fmt::format("the API server drops {}", fmt::join(fields, ", ")));
              },
          .omitted =
              [tell](const dra::Omissions& omissions) {
                for (const std::string& each : omissions) tell("omit", each);
              }};
}

// With the limits of the configuration as it is now.
dra::ClaimCdi Claims::cdi() const {
  const ConfigPtr config = parts_.config.current();
  return {parts_.cdi_dir, memlock_hooks(config->locked_memory, parts_.memlock_hook)};
}

Result<dra::Claim> Claims::read(const dra::ClaimRef& ref) const {
  const std::string path = fmt::format("/apis/resource.k8s.io/v1/namespaces/{}/resourceclaims/{}",
                                       url_encode(ref.ns), url_encode(ref.name));
  const std::string text = TRY(parts_.kubernetes.api()->get(path));
  dra::Claim claim = TRY(dra::read_claim(text, parts_.config.current()->domain));
  TRY(dra::check_uid(claim, ref));
  return claim;
}

Result<std::vector<dra::PreparedDevice>> Claims::prepare(const dra::ClaimRef& ref) {
  const dra::Claim claim = TRY(read(ref));
  const dra::Consumer pod = TRY(dra::pod_of(claim));
  const std::vector<dra::ClaimedLane> lanes = TRY(dra::lanes_of(claim));
  const std::string path =
      fmt::format("/api/v1/namespaces/{}/pods/{}", url_encode(ref.ns), url_encode(pod.name));
  const std::string text = TRY(parts_.kubernetes.api()->get(path));
  const PodFacts facts = TRY(read_pod_facts(text, parts_.config.current()->domain));
  if (facts.uid != pod.uid) {
    return Error(Code::busy,
                 fmt::format("pod {} was replaced by another of its name", in_quotes(pod.name)));
  }
  if (facts.on_host_network) return on_host_network(pod);
  const Grant grant = TRY(book_.grant(
      {.ref = ref, .pod_uid = pod.uid, .has_others = facts.has_resources, .lanes = lanes}));
  std::vector<dra::CdiLane> made;
  std::vector<dra::PreparedDevice> devices;
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    made.push_back(TRY(cdi_lane(parts_.sysfs, grant.vfs.at(i))));
    devices.push_back(prepared(lanes[i], made.back(), ref.uid, i));
  }
  TRY(cdi().write(ref.uid, made));
  return devices;
}

Result<> Claims::unprepare(const dra::ClaimRef& ref) {
  TRY(cdi().remove(ref.uid));
  TRY(book_.release(ref.uid));
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
  return lanes;
}

}  // namespace sluice
