// Holds the answer of an ADD until RDMA applications can use the lanes' addresses.
#include <algorithm>

#include "cni/verbs/await_gids.h"
#include "cni/verbs/commands.h"

namespace sluice::cni {
namespace {

std::vector<IpAddress> addresses_of(const Lease& lease) {
  std::vector<IpAddress> addresses;
  for (const IpPrefix& each : lease.given.addresses) addresses.push_back(each.address);
  return addresses;
}

// Without a link or an RDMA device there is nothing to wait for.
std::string rdma_device_of(const std::vector<Lane>& lanes, const Lease& lease) {
  const auto lane = std::find_if(lanes.begin(), lanes.end(), [&](const Lane& each) {
    return each.record.owner.ifname == lease.ifname;
  });
  return lane == lanes.end() || !lane->link ? std::string() : lane->rdma_device;
}

void wait(const Task& task, const NetNs& pod, std::span<AwaitedGids> awaited) {
  // In shared mode each namespace sees all devices.
  const Result<std::unique_ptr<RdmaDevices>> rdma = task.kernel.rdma_in(pod);
  if (rdma) return await_gids(**rdma, awaited);
  task.log.warning("GIDs of the pod are not known", {{"reason", rdma.error().message()}});
  for (AwaitedGids& lane : awaited) lane.missing.clear();
}

void tell(const Task& task, const Lease& lease, const AwaitedGids& lane) {
  if (!lane.problem.empty()) {
    task.log.warning("GIDs of a lane are not known",
                     {{"lane", lease.ifname}, {"device", lane.device}, {"reason", lane.problem}});
  }
  if (!lease.lacks_gids.empty()) {
    task.log.warning(
        "GIDs of a lane are missing",
        {{"lane", lease.ifname}, {"device", lane.device}, {"addresses", lease.lacks_gids}});
  }
}

}  // namespace

void note_missing_gids(const Task& task, const NetNs& pod, const std::vector<Lane>& lanes,
                       std::vector<Lease>& leases) {
  std::vector<AwaitedGids> awaited;
  std::vector<Lease*> of_lane;  // In that order.
  for (Lease& lease : leases) {
    const std::string device = rdma_device_of(lanes, lease);
    if (device.empty()) continue;
    awaited.push_back({device, addresses_of(lease), {}});
    of_lane.push_back(&lease);
  }
  if (awaited.empty()) return;
  wait(task, pod, awaited);
  for (std::size_t i = 0; i < awaited.size(); ++i) {
    of_lane[i]->lacks_gids = list(awaited[i].missing);
    tell(task, *of_lane[i], awaited[i]);
  }
}

}  // namespace sluice::cni
