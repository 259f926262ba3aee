#include "pkg/provision/make_vfs.h"

#include "pkg/inventory/scan.h"
#include "pkg/provision/vf_macs.h"
#include "pkg/provision/wait_usable.h"

namespace sluice {
namespace {

// bnxt_en makes no VFs while the port is down, and igb's get random MACs then.
Result<> bring_up(const VfWorkshop& with, const Port& port) {
  if (port.link.empty()) return {};
  const auto link = TRY(with.links.find(port.link));
  if (!link || link->up) return {};
  with.progress(
      fmt::format("{} {}: bringing {} up", port.address.to_string(), port.driver, port.link));
  LinkChange up;
  up.up = true;
  return with.links.change(link->index, up).context("bring {} up", port.link);
}

// Some drivers do less than they answer.
Result<Port> set_count(const VfWorkshop& with, const Port& port, int count,
                       const Deadline& deadline) {
  TRY(write_vf_count(with.sysfs_root, port, count, deadline, with.progress));
  auto after = TRY(scan_port(with.sysfs, port.address));
  if (!after) return Error(Code::not_found, "the port has vanished");
  TRY(check_vf_count(*after, count));
  return *std::move(after);
}

}  // namespace

Result<MadeVfs> make_vfs(const VfWorkshop& with, const Port& port, int target,
                         const Deadline& deadline) {
  MadeVfs made{.port = port};
  if (!port.vfs.empty()) made.port = TRY(set_count(with, port, 0, deadline));
  if (target > 0) {
    TRY(bring_up(with, port));
    made.macs_given = TRY(give_macs(with.links, port, target));
    made.port = TRY(set_count(with, made.port, target, deadline));
  }
  if (!port.carrier || made.port.carrier) return made;
  if (!TRY(wait_for_carrier(with.sysfs, port, deadline, with.progress))) {
    made.notes.emplace_back("the port has not got its carrier back yet");
  }
  return made;
}

}  // namespace sluice
