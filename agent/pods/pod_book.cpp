#include "agent/pods/pod_book.h"

#include <algorithm>
#include <set>
#include <utility>

#include "agent/grants/granted_vf.h"
#include "pkg/base/strings.h"
#include "pkg/inventory/scan.h"
#include "pkg/ledger/records.h"
#include "plugin/describe.h"

namespace sluice {
namespace {

// Between the choice of ports and their locks other pods may have taken the room.
constexpr int kTries = 3;

// Twice of it, for ports where the scheduler placed the lanes and for others, and what is asked of
// the API server stay within the time that the CNI plugin waits (PodLanesClient).
constexpr std::chrono::seconds kLockTimeout{3};

std::set<PciAddress> ports_of(const LanePorts& ports) {
  return {ports.begin(), ports.end()};
}

// As the papers have them: the first numbers from 0 that are free in the pod.
constexpr const char* kPapersNames = "eth%d";

std::string ifname_of(const AnnotatedPod& pod, const Config& config) {
  const bool are_eth = config.pods.interface_names == PodRules::InterfaceNames::eth;
  return pod.is_papers && are_eth ? kPapersNames : "";
}

}  // namespace

Result<PodBook::Supply> PodBook::look(const Config& config) const {
  Supply supply{.inventory = TRY(scan(parts_.sysfs)), .shares = {}, .trouble = {}};
  const SetAside aside = TRY(parts_.aside.peek());
  const std::vector<PortRecord> records = TRY(read_records(parts_.ledger));
  for (const Port& port : supply.inventory.ports) {
    const PortRecord* const record = find_record(records, port.address.to_string());
    FrontEndShare share = port_share(FrontEndName::pods, port, config, record, aside);
    if (share.vfs.empty()) continue;
    const std::string trouble = plugin::trouble_of(port);
    if (trouble.empty()) {
      supply.shares.push_back(std::move(share));
    } else {
      supply.trouble += (supply.trouble.empty() ? "" : "; ") + trouble;
    }
  }
  return supply;
}

// One port that can't be used may be why there is too little room.
Result<LanePorts> PodBook::choose_ports(const PodWish& wish, const Config& config) const {
  const Supply supply = TRY(look(config));
  if (supply.shares.empty() && supply.trouble.empty()) {
    return Error(Code::unsupported, "no port of this node has a share for pods");
  }
  if (supply.shares.empty()) return Error(Code::busy, supply.trouble);
  Result<LanePorts> ports = free_ports(wish, supply.shares);
  if (!ports && !supply.trouble.empty()) {
    ports.error().append(fmt::format("; not counted: {}", supply.trouble));
  }
  return ports;
}

Result<Grant> PodBook::grant(const PodWish& wish) {
  const std::optional<Grant> known = TRY(find(wish.uid));
  if (known) return *known;
  const ConfigPtr config = parts_.config.current();
  if (wish.placement) {
    const Supply supply = TRY(look(*config));
    const Result<LanePorts> placed = placed_ports(wish, supply.shares);
    if (placed) {
      Result<Grant> made = make(wish, *placed);
      if (made) return made;
    }
  }
  for (int tried = 1;; ++tried) {
    const LanePorts ports = TRY(choose_ports(wish, *config));
    Result<Grant> made = make(wish, ports);
    if (made || made.error().code() != Code::exhausted || tried == kTries) return made;
  }
}

// The ports are locked without the grants, for a driver that hangs must not hold up other pods.
Result<Grant> PodBook::make(const PodWish& wish, const LanePorts& ports) const {
  PortChoices choices = TRY(open_ports(parts_.sysfs, parts_.ledger, ports_of(ports), kLockTimeout));
  const ConfigPtr config = parts_.config.current();
  Grant made;
  const auto change = [&](std::vector<Grant>& grants) -> Result<bool> {
    const auto other = std::ranges::find(grants, wish.uid, &Grant::uid);
    if (other != grants.end()) {
      made = *other;  // By another call meanwhile.
      return false;
    }
    const SetAside aside{.offers = TRY(parts_.aside.offers.peek()), .grants = grants};
    for (const auto& [address, choice] : choices) choice->look(FrontEndName::pods, *config, aside);
    made = TRY(choose_vfs(wish, ports, *config, choices));
    grants.push_back(made);
    return true;
  };
  TRY(parts_.aside.grants.change(change));
  return made;
}

Result<Grant> PodBook::choose_vfs(const PodWish& wish, const LanePorts& ports, const Config& config,
                                  PortChoices& choices) const {
  Grant grant{.uid = wish.uid,
              .kind = Grant::Kind::pod,
              .name = wish.name,
              .pod_uid = wish.uid,
              .has_others = wish.has_others,
              .follows_placement = follows_placement(wish, ports),
              .vfs = {}};
  grant.vfs.reserve(ports.size());
  for (std::size_t lane = 0; lane < ports.size(); ++lane) {
    grant.vfs.push_back(TRY(choose_vf(wish, lane, config, *choices.at(ports[lane]))
                                .context("lane '{}'", wish.asked.names[lane])));
  }
  return grant;
}

Result<GrantedVf> PodBook::choose_vf(const PodWish& wish, std::size_t lane, const Config& config,
                                     PortChoice& choice) const {
  const Rate& rate = wish.asked.ask.lanes[lane].rate;
  const LaneConfig& settings = wish.asked.settings[lane];
  const Vf* const vf = choice.take(settings, [](PciAddress) { return true; });
  if (vf == nullptr) {
    return Error(Code::exhausted,
                 fmt::format("port {}: none of the {} VFs for pods is free{}", choice.port().link,
                             choice.share().vfs.size(),
                             settings.driver == LaneDriver::vfio ? " and bound to vfio-pci" : ""));
  }
  TRY(choice.promise(rate));
  GrantedVf made = granted_vf(*vf, choice.port().address, rate, settings);
  made.request = wish.asked.names[lane];
  if (made.ifname.empty()) made.ifname = ifname_of(wish.asked, config);
  TRY(complete(networks_, {.name = settings.network.value_or(""), .by = "the annotation"}, made));
  return made;
}

// With the locks, for a lane that an attach is making is promised by the grant until it is
// recorded.
Result<bool> PodBook::release(const std::string& uid) {
  const std::optional<Grant> grant = TRY(find(uid));
  if (!grant) return true;
  std::set<std::string> ports;
  for (const GrantedVf& vf : grant->vfs) ports.insert(vf.port);
  std::vector<LockedPort> locks;
  locks.reserve(ports.size());
  for (const std::string& port : ports) {
    locks.push_back(TRY(parts_.ledger.lock(port, kLockTimeout)));
  }
  for (const GrantedVf& vf : grant->vfs) {
    for (LockedPort& port : locks) {
      if (port.record().find(vf.vf) != nullptr) return false;
    }
  }
  TRY(parts_.aside.grants.restore(uid, std::nullopt));
  return true;
}

}  // namespace sluice
