#include "cni/verbs/await_gids.h"

#include <algorithm>
#include <thread>

#include "pkg/base/strings.h"
#include "pkg/netlink/gid_table.h"

namespace sluice::cni {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// As long as the wait so far, so that a GID is late by half of its time at most.
milliseconds pause_after(Clock::duration waited) {
  return std::clamp(std::chrono::duration_cast<milliseconds>(waited), milliseconds(1),
                    milliseconds(50));
}

void give_up(AwaitedGids& lane, std::string problem) {
  lane.problem = std::move(problem);
  lane.missing.clear();
}

// Only RoCE makes GIDs of addresses.
void sort_out(const Result<std::vector<RdmaDevice>>& devices, AwaitedGids& lane) {
  if (!devices) return give_up(lane, devices.error().message());
  const auto device = std::find_if(devices->begin(), devices->end(),
                                   [&](const auto& each) { return each.name == lane.device; });
  if (device == devices->end()) {
    return give_up(lane, fmt::format("no RDMA device {} in the pod", in_quotes(lane.device)));
  }
  if (device->protocol != "roce") lane.missing.clear();
}

void look(RdmaDevices& rdma, AwaitedGids& lane) {
  const Result<std::vector<Gid>> gids = rdma.gids(lane.device);
  if (!gids) return give_up(lane, gids.error().message());
  const auto is_there = [&](const IpAddress& address) {
    return std::any_of(gids->begin(), gids->end(), [wanted = as_gid(address)](const Gid& gid) {
      return gid.type == GidType::roce_v2 && gid.address == wanted;
    });
  };
  std::erase_if(lane.missing, is_there);
}

bool is_missing_any(std::span<const AwaitedGids> awaited) {
  return std::any_of(awaited.begin(), awaited.end(),
                     [](const AwaitedGids& lane) { return !lane.missing.empty(); });
}

}  // namespace

void await_gids(RdmaDevices& rdma, std::span<AwaitedGids> awaited, milliseconds timeout) {
  const auto start = Clock::now();
  const Result<std::vector<RdmaDevice>> devices = rdma.list();
  for (AwaitedGids& lane : awaited) sort_out(devices, lane);
  while (is_missing_any(awaited)) {
    for (AwaitedGids& lane : awaited) {
      if (!lane.missing.empty()) look(rdma, lane);
    }
    const auto waited = Clock::now() - start;
    if (waited >= timeout) return;
    if (is_missing_any(awaited)) {
      const auto left = std::chrono::ceil<milliseconds>(timeout - waited);
      std::this_thread::sleep_for(std::min(pause_after(waited), left));
    }
  }
}

}  // namespace sluice::cni
