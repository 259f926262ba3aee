#include "agent/claims/claim_book.h"

#include <algorithm>
#include <set>

#include "agent/grants/granted_vf.h"
#include "pkg/annotations/lane_config.h"
#include "pkg/base/strings.h"
#include "pkg/ledger/promises.h"

namespace sluice {
namespace {

// A class is what its lanes have at most: a ceiling of the claim can only be lower.
Result<Rate> rate_of(const dra::ClaimedLane& lane, const ClaimDevice& device) {
  const std::optional<BitRate>& asked = lane.config.ceiling;
  if (!device.vf) {
    return Rate{.floor = lane.floor.value_or(BitRate()), .ceiling = asked.value_or(BitRate())};
  }
  const Rate& rate = device.rule.rate;
  const bool is_above =
      asked && !rate.ceiling.is_zero() && (asked->is_zero() || *asked > rate.ceiling);
  const bool is_below = asked && !asked->is_zero() && *asked < rate.floor;
  if (is_above || is_below) {
    return Error(Code::invalid_argument,
                 fmt::format("a ceiling of {} is not within class {}: floor {}, ceiling {}",
                             to_string(*asked), in_quotes(device.rule.name), to_string(rate.floor),
                             to_string(rate.ceiling)));
  }
  return Rate{.floor = rate.floor, .ceiling = asked.value_or(rate.ceiling)};
}

GrantedVf granted(const dra::ClaimedLane& lane, const Vf& vf, const ClaimDevice& device,
                  const Rate& rate) {
  GrantedVf made = granted_vf(vf, device.port, rate, lane.config);
  made.request = lane.request;
  made.device = lane.device;
  return made;
}

// Why there is no VF for a lane of the device.
Error refuse(const ClaimDevice& device, const PortChoice& choice,
             const std::vector<Grant>& grants) {
  if (!device.vf) {
    return {Code::exhausted, fmt::format("port {}: none of the {} VFs for claims is free",
                                         choice.port().link, choice.share().vfs.size())};
  }
  const std::string vf = device.vf->to_string();
  const FoundGrant found = grant_of(grants, vf);
  if (!found) return {Code::busy, fmt::format("VF {} cannot be had now", vf)};
  return {Code::exhausted, fmt::format("VF {} is granted to {}", vf, in_quotes(found.grant->name))};
}

Result<const ClaimDevice*> device_of(const dra::ClaimedLane& lane, const ClaimDevices& devices) {
  const auto known = devices.find(lane.device);
  if (known != devices.end()) return &known->second;
  return Error(Code::not_found,
               fmt::format("request {}: device {} of pool {} is none of this "
                           "node's",
                           in_quotes(lane.request), in_quotes(lane.device), in_quotes(lane.pool)));
}

Result<std::set<PciAddress>> ports_of(const ClaimAsk& ask, const ClaimDevices& devices) {
  std::set<PciAddress> ports;
  for (const dra::ClaimedLane& lane : ask.lanes) ports.insert(TRY(device_of(lane, devices))->port);
  return ports;
}

// A claim that outlives its pod is the next one's. Whether the grant is another now.
bool hand_on(Grant& grant, const ClaimAsk& ask) {
  const bool is_other = grant.pod_uid != ask.pod_uid || grant.has_others != ask.has_others;
  grant.pod_uid = ask.pod_uid;
  grant.has_others = ask.has_others;
  return is_other;
}

}  // namespace

void ClaimBook::know(ClaimDevices devices) {
  auto known = std::make_shared<Known>();
  for (const auto& [name, device] : devices) {
    if (device.vf && device.is_set_aside) known->set_aside.insert(*device.vf);
  }
  known->devices = std::move(devices);
  const std::lock_guard lock(mutex_);
  known_ = std::move(known);
}

std::shared_ptr<const ClaimBook::Known> ClaimBook::known() const {
  const std::lock_guard lock(mutex_);
  return known_;
}

// Shares of a port have its VFs that are not set aside for classes.
Result<GrantedVf> ClaimBook::choose(const dra::ClaimedLane& lane, const Known& known,
                                    PortChoices& choices, const std::vector<Grant>& grants) const {
  const ClaimDevice& device = *TRY(device_of(lane, known.devices));
  PortChoice& choice = *choices.at(device.port);
  const Rate rate = TRY(rate_of(lane, device));
  const Vf* const vf = choice.take(lane.config, [&](const PciAddress address) {
    return device.vf ? address == *device.vf : !known.set_aside.contains(address);
  });
  if (vf == nullptr) return refuse(device, choice, grants);
  TRY(choice.promise(rate));
  GrantedVf made = granted(lane, *vf, device, rate);
  const std::string& network = lane.config.network.value_or(device.rule.network);
  TRY(complete(networks_, {.name = network, .by = "the claim"}, made));
  return made;
}

// With the locks of the ports.
Result<> ClaimBook::make(const ClaimAsk& ask, const Known& known, PortChoices& choices,
                         std::vector<Grant>& grants) const {
  const SetAside aside{.offers = TRY(parts_.aside.offers.peek()), .grants = grants};
  const ConfigPtr config = parts_.config.current();
  for (const auto& [address, choice] : choices) {
    choice->look(FrontEndName::claims, *config, aside);
  }
  Grant made{.uid = ask.ref.uid,
             .kind = Grant::Kind::claim,
             .name = ask.ref.label(),
             .pod_uid = ask.pod_uid,
             .has_others = ask.has_others,
             .vfs = {}};
  for (const dra::ClaimedLane& lane : ask.lanes) {
    made.vfs.push_back(
        TRY(choose(lane, known, choices, grants).context("request {}", in_quotes(lane.request))));
  }
  grants.push_back(std::move(made));
  return {};
}

Result<std::optional<Grant>> ClaimBook::grant_again(const ClaimAsk& ask) const {
  std::optional<Grant> again;
  const auto change = [&](std::vector<Grant>& grants) -> Result<bool> {
    const auto known = std::ranges::find(grants, ask.ref.uid, &Grant::uid);
    if (known == grants.end()) return false;
    const bool is_other = hand_on(*known, ask);
    again = *known;
    return is_other;
  };
  TRY(parts_.aside.grants.change(change));
  return again;
}

// The ports are locked without the grants: one whose driver hangs must not hold up claims of
// others, nor the agent's steps. Another call may have made the grant meanwhile.
Result<Grant> ClaimBook::grant(const ClaimAsk& ask, std::chrono::milliseconds timeout) {
  const std::optional<Grant> again = TRY(grant_again(ask));
  if (again) return *again;
  const std::shared_ptr<const Known> known = this->known();
  const std::set<PciAddress> ports = TRY(ports_of(ask, known->devices));
  PortChoices choices = TRY(open_ports(parts_.sysfs, parts_.ledger, ports, timeout));
  std::optional<Grant> made;
  const auto change = [&](std::vector<Grant>& grants) -> Result<bool> {
    const auto other = std::ranges::find(grants, ask.ref.uid, &Grant::uid);
    const bool is_there = other != grants.end();
    const bool is_other = is_there && hand_on(*other, ask);
    if (!is_there) TRY(make(ask, *known, choices, grants));
    made = is_there ? *other : grants.back();
    return !is_there || is_other;
  };
  TRY(parts_.aside.grants.change(change));
  return *std::move(made);
}

}  // namespace sluice
