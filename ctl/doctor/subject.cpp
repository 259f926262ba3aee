#include "ctl/doctor/subject.h"

#include <algorithm>

#include "pkg/inventory/device.h"
#include "pkg/inventory/types.h"

namespace sluice {
namespace {

constexpr const char* kVfioDriver = "vfio-pci";
constexpr const char* kInfinibandType = "32";  // ARPHRD_INFINIBAND (linux/if_arp.h)

Result<> check_that_free(const Ledger& ledger, const SetAsideStore& store,
                         const VfLocation& where) {
  const std::string vf = where.vf.to_string();
  PortRecord port = TRY(ledger.peek(where.port.to_string()));
  if (const LaneRecord* const lane = port.find(vf)) {
    return Error(Code::busy, fmt::format("VF {} is not free: container '{}' has it as '{}' "
                                         "(network '{}')",
                                         vf, lane->owner.container_id, lane->owner.ifname,
                                         lane->owner.network));
  }
  const SetAside aside = TRY(store.peek());
  if (const FoundGrant granted = grant_of(aside.grants, vf)) {
    return Error(Code::busy,
                 fmt::format("VF {} is not free: it is granted to '{}'", vf, granted.grant->name));
  }
  const Offer* const offer = offer_of(aside.offers, vf);
  if (offer == nullptr) return {};
  return Error(Code::busy,
               fmt::format("VF {} is offered under class '{}': the kubelet may give it to a pod at "
                           "any moment. Take a VF that `sluicectl offers` shows as not offered, or "
                           "leave this one out of the configuration's share first",
                           vf, offer->class_name));
}

Result<Link> link_at_home(Kernel& kernel, const VfLocation& where) {
  const std::string vf = where.vf.to_string();
  if (where.driver.empty()) {
    return Error(Code::invalid_argument, fmt::format("VF {} has no driver", vf));
  }
  if (where.driver == kVfioDriver) {
    return Error(Code::invalid_argument,
                 fmt::format("VF {} is bound to {}: it has no link to be tried", vf, kVfioDriver));
  }
  std::optional<Link> link;
  if (!where.link.empty()) link = TRY(kernel.links().find(where.link));
  if (link) return *std::move(link);
  return Error(Code::busy, fmt::format("the link of VF {} is not in the host's namespace", vf));
}

// As far as they can be known; a trial does without.
void add_facts(Kernel& kernel, const Dir& sysfs, Subject& subject) {
  const VfLocation& where = subject.location;
  TrialFacts& facts = subject.facts;
  facts.vf = where.vf.to_string();
  facts.number = where.index;
  facts.vf_driver = where.driver;
  facts.port = where.port.to_string();
  facts.port_link = where.port_link;
  facts.driver = where.port_driver;
  facts.line_rate = line_rate(sysfs, where.port).value_or(std::nullopt).value_or(BitRate());
  const auto link = kernel.links().find(where.port_link);
  facts.carrier = link && *link && (**link).carrier;
  facts.row = std::string(subject.capability.driver);
  facts.floor_enforcement = std::string(to_string(subject.capability.floor));
  facts.ceiling_enforcement = std::string(to_string(subject.capability.ceiling));
  facts.rdma_device = where.rdma_device;
  if (const auto devlink = kernel.devlink()) {
    const auto mode = (**devlink).eswitch_mode(DevlinkDevice::pci(where.port));
    if (mode && *mode) facts.eswitch_mode = std::string(to_string(**mode));
  }
  if (where.rdma_device.empty()) return;
  const auto rdma = kernel.rdma();
  const auto mode = rdma ? (**rdma).netns_mode() : Result<RdmaNetnsMode>(rdma.error());
  if (mode) facts.rdma_mode = *mode == RdmaNetnsMode::exclusive ? "exclusive" : "shared";
}

}  // namespace

Result<Subject> examine(Kernel& kernel, const Dir& sysfs, const Ledger& ledger,
                        const SetAsideStore& aside, PciAddress vf) {
  Subject subject{.vf = vf};
  subject.location = TRY(locate_vf(sysfs, vf));
  const VfLocation& where = subject.location;
  TRY(check_that_free(ledger, aside, where));
  subject.home = TRY(link_at_home(kernel, where));
  subject.report = TRY(report_of(kernel, where));
  const std::string type = fmt::format("{}/net/{}/type", device_path(where.port), where.port_link);
  const bool infiniband = TRY(sysfs.read(type)) == kInfinibandType;
  const std::string_view name = capability_name(where.port_driver, where.port_device_id);
  subject.port_driver = infiniband ? kIpoib : name;
  subject.capability = capability_of(subject.port_driver);
  add_facts(kernel, sysfs, subject);
  return subject;
}

Result<std::optional<VfInfo>> report_of(Kernel& kernel, const VfLocation& where) {
  const std::optional<Link> port = TRY(kernel.links().find(where.port_link));
  if (!port) {
    return Error(Code::not_found, fmt::format("port {} has no link in the host's namespace",
                                              where.port.to_string()));
  }
  const VfList list = TRY(kernel.links().vfs(port->index));
  const VfInfo* const found = list.find(where.index);
  return found != nullptr ? std::optional(*found) : std::nullopt;
}

}  // namespace sluice
