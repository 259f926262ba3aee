#include "pkg/netlink/live_kernel.h"

#include <algorithm>
#include <vector>

#include "pkg/netlink/kernel_addresses.h"
#include "pkg/netlink/netns_search.h"

namespace sluice {
namespace {

Result<bool> holds(const NetNs& netns, const std::string& parent_device) {
  KernelLinks links = TRY(KernelLinks::open(&netns));
  const std::vector<Link> all = TRY(links.list());
  return std::any_of(all.begin(), all.end(),
                     [&](const Link& link) { return link.parent_device == parent_device; });
}

}  // namespace

Result<std::unique_ptr<LiveKernel>> LiveKernel::open() {
  NetNs host = TRY(NetNs::current());
  KernelLinks links = TRY(KernelLinks::open());
  return std::unique_ptr<LiveKernel>(new LiveKernel(std::move(host), std::move(links)));
}

Result<RdmaDevices*> LiveKernel::rdma() {
  if (!rdma_) rdma_ = TRY(KernelRdmaDevices::open(host_));
  return &*rdma_;
}

Result<TrafficControl*> LiveKernel::traffic_control() {
  if (!traffic_control_) traffic_control_ = TRY(KernelTrafficControl::open(&host_));
  return &*traffic_control_;
}

Result<Devlink*> LiveKernel::devlink() {
  if (!devlink_) devlink_ = TRY(KernelDevlink::open(&host_));
  return &*devlink_;
}

Result<std::optional<NetNs>> LiveKernel::find_netns(const std::string& path) {
  return NetNs::open(path);
}

Result<std::optional<NetNs>> LiveKernel::find_netns_holding(const std::string& parent_device) {
  std::optional<NetNs> holder;
  TRY(visit_netns_paths([&](const std::string& path) -> Result<bool> {
    auto netns = NetNs::open(path);
    // Another user's namespace that we may not enter cannot have been given a lane.
    if (!netns && netns.error().code() == Code::permission_denied) return false;
    if (!netns) return std::move(netns).error();
    if (!*netns || (**netns).cookie() == host_.cookie()) return false;
    auto found = holds(**netns, parent_device);
    if (found && *found) holder = *std::move(*netns);
    return found;
  }));
  return holder;
}

Result<std::unique_ptr<Links>> LiveKernel::links_in(const NetNs& netns) {
  return std::make_unique<KernelLinks>(TRY(KernelLinks::open(&netns)));
}

Result<std::unique_ptr<Addresses>> LiveKernel::addresses_in(const NetNs& netns) {
  return std::make_unique<KernelAddresses>(TRY(KernelAddresses::open(&netns)));
}

Result<std::unique_ptr<RdmaDevices>> LiveKernel::rdma_in(const NetNs& netns) {
  return std::make_unique<KernelRdmaDevices>(TRY(KernelRdmaDevices::open(netns)));
}

}  // namespace sluice
