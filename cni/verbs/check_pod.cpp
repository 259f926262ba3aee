#include <algorithm>

#include "cni/verbs/commands.h"

namespace sluice::cni {
namespace {

// A VF that the ADD answered with and that is offered or granted on this node must still be the
// pod's.
Outcome<> require_recorded(const Task& task, const std::vector<Lane>& lanes) {
  const SetAside aside = task.aside.peek().value_or(SetAside());
  for (const Interface& each : task.conf.prev_result->interfaces) {
    const bool is_ours =
        offer_of(aside.offers, each.pci_id) != nullptr || grant_of(aside.grants, each.pci_id);
    const bool recorded = std::any_of(lanes.begin(), lanes.end(), [&](const Lane& lane) {
      return lane.record.id == each.pci_id;
    });
    if (each.sandbox != task.environment.netns || !is_ours || recorded) continue;
    return Failure(ErrorCode::mismatch,
                   fmt::format("lane {} of prevResult ('{}') is not recorded for the pod",
                               each.pci_id, each.name));
  }
  return {};
}

}  // namespace

Outcome<> check_pod(const Task& task) {
  const NetNs pod = TRY(open_pod(task));
  const std::vector<Lane> lanes =
      TRY(task.lanes.check_all(task.attachment(), pod).context("check lanes"));
  for (const Lane& lane : lanes) TRY(compare_interface(task, lane));
  TRY(require_recorded(task, lanes));
  const std::unique_ptr<Addresses> addresses = TRY(task.kernel.addresses_in(pod));
  return check_addresses(task, *addresses, lanes);
}

}  // namespace sluice::cni
