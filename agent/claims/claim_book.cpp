#include "agent/claims/claim_book.h"

#include <algorithm>
#include <set>

#include "agent/claims/claim_share.h"
#include "pkg/base/strings.h"
#include "pkg/inventory/scan.h"
#include "pkg/ledger/promises.h"

namespace sluice {
namespace {

// An attach or a release holds a port for less, save one whose driver hangs.
constexpr std::chrono::seconds kLockTimeout{5};

bool is_for(const Vf& vf, const dra::LaneConfig& config) {
  const bool wants_vfio = config.driver == dra::LaneDriver::vfio;
  return vf.state == (wants_vfio ? VfState::vfio : VfState::ready);
}

Rate rate_of(const dra::ClaimedLane& lane) {
  return {.floor = lane.floor.value_or(BitRate()),
          .ceiling = lane.config.ceiling.value_or(BitRate())};
}

std::vector<std::string> devices_for(const Vf& vf, const dra::LaneConfig& config) {
  return config.rdma.value_or(true) ? vf.char_devices : std::vector<std::string>();
}

GrantedVf granted(const dra::ClaimedLane& lane, const Vf& vf, const std::string& port) {
  return {.vf = vf.address.to_string(),
          .port = port,
          .request = lane.request,
          .ifname = lane.config.interface.value_or(""),
          .rate = rate_of(lane),
          .settings = dra::settings_of(lane.config),
          .mtu = lane.config.mtu.value_or(0),
          .char_devices = devices_for(vf, lane.config)};
}

}  // namespace

/// A port while lanes of a claim are chosen on it.
struct ClaimBook::Choice {
  Choice(Port hardware, LockedPort lock) : port(std::move(hardware)), locked(std::move(lock)) {}

  void look(const Config& config, const SetAside& aside) {
    share = claim_share(port, config, &locked.record(), aside);
  }

  const Port port;
  LockedPort locked;
  ClaimShare share;  // Points to the port.

  // The next VF for a lane, which no other lane gets then.
  Result<const Vf*> take(const dra::ClaimedLane& lane) {
    for (std::vector<const Vf*>* const vfs : {&share.free, &share.leaving}) {
      const bool is_away = vfs == &share.leaving;
      const auto found = std::ranges::find_if(
          *vfs, [&](const Vf* vf) { return is_away || is_for(*vf, lane.config); });
      if (found == vfs->end()) continue;
      const Vf* const vf = *found;
      vfs->erase(found);
      return vf;
    }
    return Error(Code::exhausted, fmt::format("port {}: none of the {} VFs for claims is free",
                                              port.link, share.vfs.size()));
  }

  // What the lane costs counts from now on.
  Result<> promise(const Rate& rate) {
    TRY(validate(*share.capability, share.line_rate, rate).context("port {}", port.link));
    const BitRate cost = effective_promise(*share.capability, rate.floor);
    share.promised = TRY(admit({.port = port.link,
                                .line_rate = share.line_rate,
                                .usable = share.bandwidth,
                                .promised = share.promised},
                               cost));
    return {};
  }
};

void ClaimBook::know(std::map<std::string, PciAddress> devices) {
  const std::lock_guard lock(mutex_);
  devices_ = std::move(devices);
}

Result<PciAddress> ClaimBook::port_of(const dra::ClaimedLane& lane) const {
  const auto known = devices_.find(lane.device);
  if (known != devices_.end()) return known->second;
  return Error(Code::not_found,
               fmt::format("request {}: device {} of pool {} is none of this "
                           "node's",
                           in_quotes(lane.request), in_quotes(lane.device), in_quotes(lane.pool)));
}

// A network of the configuration, by name or by the port.
Result<> ClaimBook::complete(const dra::ClaimedLane& lane, GrantedVf& granted) const {
  PodLane made{.vf = TRY(PciAddress::parse(granted.vf)), .class_name = {}, .ifname = {}};
  made.settings = granted.settings;
  TRY(networks_.complete(made, lane.config.network.value_or("")));
  granted.settings = made.settings;
  if (!made.network) return {};
  granted.network = made.network->name;
  granted.cni = made.network->cni;
  if (granted.mtu == 0) granted.mtu = made.network->mtu.value_or(0);
  return {};
}

// In the order of their addresses, so that no two claims wait for each other.
Result<ClaimBook::Choices> ClaimBook::open_ports(const ClaimAsk& ask) const {
  std::set<PciAddress> ports;
  for (const dra::ClaimedLane& lane : ask.lanes) ports.insert(TRY(port_of(lane)));
  Choices choices;
  for (const PciAddress address : ports) {
    std::optional<Port> port = TRY(scan_port(parts_.sysfs, address));
    if (!port) return Error(Code::busy, fmt::format("port {} is gone", address.to_string()));
    LockedPort locked = TRY(parts_.ledger.lock(address.to_string(), kLockTimeout));
    choices.emplace(address, std::make_unique<Choice>(*std::move(port), std::move(locked)));
  }
  return choices;
}

Result<GrantedVf> ClaimBook::choose(const dra::ClaimedLane& lane, Choices& choices) const {
  const PciAddress address = TRY(port_of(lane));
  Choice& choice = *choices.at(address);
  const Vf* const vf = TRY(choice.take(lane));
  TRY(choice.promise(rate_of(lane)));
  GrantedVf made = granted(lane, *vf, address.to_string());
  TRY(complete(lane, made));
  return made;
}

Result<> ClaimBook::make(const ClaimAsk& ask, Grant& grant) const {
  Choices choices = TRY(open_ports(ask));
  SetAside aside = TRY(parts_.aside.peek());
  const ConfigPtr config = parts_.config.current();
  for (const auto& [address, choice] : choices) choice->look(*config, aside);
  for (const dra::ClaimedLane& lane : ask.lanes) {
    grant.vfs.push_back(TRY(choose(lane, choices).context("request {}", in_quotes(lane.request))));
  }
  aside.grants.push_back(grant);
  return parts_.aside.grants.save(aside.grants);
}

Result<Grant> ClaimBook::grant(const ClaimAsk& ask) {
  const std::lock_guard lock(mutex_);
  std::vector<Grant> grants = TRY(parts_.aside.grants.peek());
  const auto known = std::ranges::find(grants, ask.ref.uid, &Grant::uid);
  if (known != grants.end()) {
    // A claim that outlives its pod is the next one's.
    if (known->pod_uid == ask.pod_uid && known->has_others == ask.has_others) return *known;
    known->pod_uid = ask.pod_uid;
    known->has_others = ask.has_others;
    TRY(parts_.aside.grants.save(grants));
    return *known;
  }
  Grant made{.uid = ask.ref.uid,
             .kind = Grant::Kind::claim,
             .name = ask.ref.label(),
             .pod_uid = ask.pod_uid,
             .has_others = ask.has_others,
             .vfs = {}};
  TRY(make(ask, made));
  return made;
}

Result<> ClaimBook::release(const std::string& uid) {
  const std::lock_guard lock(mutex_);
  std::vector<Grant> grants = TRY(parts_.aside.grants.peek());
  if (std::erase_if(grants, [&](const Grant& grant) { return grant.uid == uid; }) == 0) return {};
  return parts_.aside.grants.save(grants);
}

Result<std::vector<Grant>> ClaimBook::grants() const {
  std::vector<Grant> grants = TRY(parts_.aside.grants.peek());
  std::erase_if(grants, [](const Grant& grant) { return grant.kind != Grant::Kind::claim; });
  return grants;
}

}  // namespace sluice
