#include "cni/verbs/commands.h"
#include "pkg/base/crash_point.h"

namespace sluice::cni {
namespace {

Outcome<> release_lane(const Task& task) {
  const std::string hint = task.conf.hint();
  // Without one the attachment may be a pod's.
  TRY((hint.empty() ? task.lanes.detach_all(task.attachment())
                    : task.lanes.detach(task.attachment(), hint))
          .context("release lane"));
  return {};
}

Outcome<> remove_device_info(const Task& task) {
  TRY(task.device_info.remove(task.attachment()).context("device info"));
  return {};
}

}  // namespace

// The lane first: an address that another pod may get is off the wire then.
Outcome<> del(const Task& task) {
  const Outcome<> lane = release_lane(task);
  crash_point("del.released");
  const Outcome<> leases = lane ? task.leases.give_back(task.attachment()) : Outcome<>();
  const Outcome<> addresses = task.ipam.run(Command::del);
  crash_point("del.ipam");
  return joined({lane, leases, addresses, remove_device_info(task)});
}

}  // namespace sluice::cni
