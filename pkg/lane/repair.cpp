// What the agent looks at again and again: rates and settings of the lanes that are attached, and
// the lanes that nobody will release.
#include <algorithm>
#include <iterator>

#include "pkg/inventory/device.h"
#include "pkg/lane/lanes.h"
#include "pkg/lane/provider.h"
#include "pkg/lane/vf_repair.h"

namespace sluice {
namespace {

constexpr const char* kVf = "vf";

}  // namespace

Result<std::vector<LaneRepair>> Lanes::repair(const std::string& port) {
  const PortRecord seen = TRY(ledger_.peek(port));
  if (!any_watched(seen)) return std::vector<LaneRepair>();
  const DriverCapability& capability = capability_of(seen.driver);
  if (capability.ceiling == CeilingEnforcement::none && !capability.vf_settings) {
    return std::vector<LaneRepair>();
  }
  Provider& provider = *TRY(provider_named(kVf));
  const VfList reported = TRY(provider.read_vfs(seen));
  if (vf_repair_->is_in_order(seen, reported)) return std::vector<LaneRepair>();

  // Something differs, or an attach was under way between the two reads: look again alone.
  const PortBook book = TRY(ledger_.lock(port, kRepairPatience));
  if (!any_watched(book.record())) return std::vector<LaneRepair>();
  return vf_repair_->mend(provider, book.record(), TRY(provider.read_vfs(book.record())));
}

Result<bool> Lanes::is_away(const LaneRecord& lane) const {
  if (lane.provider != kVf || lane.link_index == 0) return false;
  const PciAddress address = TRY(PciAddress::parse(lane.id));
  const auto device = TRY(sysfs_.open_dir(device_path(address)));
  if (!device) return false;
  const std::string driver = TRY(driver_of(*device));
  if (driver.empty()) return false;
  const std::string link = TRY(link_of(*device, driver));
  return link.empty() && TRY(has_net_directory(*device, driver));
}

bool Lanes::is_orphan(const LaneRecord& lane) {
  return owner_is_gone(lane).value_or(false) && !is_away(lane).value_or(true);
}

Result<std::vector<LaneRecord>> Lanes::orphans() {
  std::vector<LaneRecord> found;
  for (const std::string& port : TRY(ledger_.ports())) {
    const Result<PortRecord> record = ledger_.peek(port);
    if (!record) continue;
    std::copy_if(record->lanes.begin(), record->lanes.end(), std::back_inserter(found),
                 [this](const LaneRecord& lane) { return is_orphan(lane); });
  }
  return found;
}

}  // namespace sluice
