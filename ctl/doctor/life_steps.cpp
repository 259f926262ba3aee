// The life that every lane has, whatever was asked for.
#include <fmt/ranges.h>

#include <algorithm>

#include "ctl/doctor/steps.h"

namespace sluice {
namespace {

const Finding kNoLane = {Verdict::untried, "the VF is not in the namespace"};

std::string describe(const Link& link) {
  return fmt::format("'{}' {} MTU {} {}", link.name, link.mac ? link.mac->to_string() : "no MAC",
                     link.mtu, link.up ? "up" : "down");
}

Finding judge_link(const Lane& lane) {
  if (!lane.link) return {Verdict::not_kept, "no link in the namespace"};
  const bool right = lane.link->up && lane.link->name == lane.record.owner.ifname;
  return {right ? Verdict::kept : Verdict::not_kept, describe(*lane.link)};
}

/// Whether the namespace sees an RDMA device of that name.
Result<bool> is_seen(Trial& trial, const std::string& device) {
  const auto rdma = TRY(trial.world().kernel.rdma_in(trial.pod()));
  const std::vector<RdmaDevice> devices = TRY(rdma->list());
  return std::any_of(devices.begin(), devices.end(),
                     [&](const RdmaDevice& seen) { return seen.name == device; });
}

Result<Finding> look_at_rdma(Trial& trial) {
  const VfLocation& before = trial.subject().location;
  const VfLocation now = TRY(locate_vf(trial.world().sysfs, before.vf, before.index));
  if (now.rdma_device.empty()) return Finding{Verdict::not_kept, "it is gone"};
  const std::string nodes = fmt::format("{}", fmt::join(now.char_devices, " "));
  if (now.char_devices != before.char_devices) {
    return Finding{Verdict::not_kept, fmt::format("its character devices were {}, are {}",
                                                  fmt::join(before.char_devices, " "), nodes)};
  }
  if (!TRY(is_seen(trial, now.rdma_device))) {
    return Finding{Verdict::not_kept,
                   fmt::format("'{}' is not seen in the namespace", now.rdma_device)};
  }
  return Finding{Verdict::kept, fmt::format("'{}' with {}, namespaces {}", now.rdma_device, nodes,
                                            trial.subject().facts.rdma_mode)};
}

}  // namespace

Finding try_attach(Trial& trial) {
  const Result<Lane> lane = trial.attach(trial.request());
  if (lane) return judge_link(*lane);
  const bool later = lane.error().code() == Code::busy;
  return {later ? Verdict::untried : Verdict::not_kept, lane.error().message()};
}

Finding try_check(Trial& trial) {
  if (!trial.lane()) return kNoLane;
  const Result<> same = trial.check();
  return same ? Finding{} : Finding{Verdict::not_kept, same.error().message()};
}

Finding try_rdma(Trial& trial) {
  if (!trial.lane()) return kNoLane;
  if (trial.subject().location.rdma_device.empty()) {
    return {Verdict::untried, "the VF has no RDMA device"};
  }
  const Result<Finding> found = look_at_rdma(trial);
  return found ? *found : Finding{Verdict::not_kept, found.error().message()};
}

Finding try_release(Trial& trial) {
  if (!trial.lane()) return kNoLane;
  if (const Result<> home = trial.detach(); !home) {
    return {Verdict::not_kept, home.error().message()};
  }
  const TrialWorld& world = trial.world();
  const auto rest = left_behind(world.kernel, world.sysfs, world.ledger, trial.subject());
  if (!rest) return {Verdict::not_kept, rest.error().message()};
  return rest->empty() ? Finding{} : Finding{Verdict::not_kept, "left behind: " + *rest};
}

Finding try_mtu(Trial& trial) {
  // Below the VF's own, which every driver takes whatever its port has; not below IPv6's least.
  constexpr int kLess = 100;
  constexpr int kLeast = 1280;
  const int wanted = std::max(trial.subject().home.mtu - kLess, kLeast);
  LaneRequest request = trial.request();
  request.mtu = wanted;
  return trial.live(request, [wanted](const Lane& lane) -> Finding {
    if (!lane.link) return {Verdict::not_kept, "no link in the namespace"};
    const bool right = lane.link->mtu == wanted;
    return {right ? Verdict::kept : Verdict::not_kept,
            fmt::format("MTU {} asked, {} found", wanted, lane.link->mtu)};
  });
}

Finding try_again(Trial& trial) {
  return trial.live(trial.request(), judge_link);
}

}  // namespace sluice
