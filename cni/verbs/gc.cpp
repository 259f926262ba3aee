#include "cni/verbs/commands.h"

namespace sluice::cni {
namespace {

Outcome<> collect_lanes(const Task& task) {
  TRY(task.lanes.collect(task.conf.name, task.conf.keep).context("release lanes"));
  return {};
}

Outcome<> collect_device_info(const Task& task) {
  TRY(task.device_info.collect(task.conf.name, task.conf.keep).context("device info"));
  return {};
}

}  // namespace

Outcome<> gc(const Task& task) {
  const Outcome<> lanes = collect_lanes(task);
  const Outcome<> leases =
      lanes ? task.leases.collect(task.conf.name, task.conf.keep) : Outcome<>();
  return joined({lanes, leases, collect_device_info(task), task.ipam.run(Command::gc)});
}

}  // namespace sluice::cni
