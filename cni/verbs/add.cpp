#include "cni/addressing.h"
#include "cni/verbs/commands.h"
#include "pkg/base/crash_point.h"
#include "pkg/base/rollback.h"
#include "pkg/base/strings.h"
#include "pkg/lane/give_addresses.h"

namespace sluice::cni {
namespace {

// `may_have_some`: also of a plugin that failed after it had assigned something.
Outcome<AddResult> ask_for_addresses(const Task& task, bool& may_have_some) {
  AddResult result;
  if (!task.ipam.configured()) {
    for (const IpPrefix& ip : task.conf.ips) result.ips.push_back({.address = ip});
    return result;
  }
  may_have_some = true;
  result = TRY(task.ipam.add());
  crash_point("add.ipam");
  return result;
}

// Ours after what the plugins before us in the chain have made.
AddResult merge(const Task& task, const Interface& interface, AddResult ours) {
  AddResult result = task.conf.prev_result.value_or(AddResult());
  const int index = static_cast<int>(result.interfaces.size());
  result.interfaces.push_back(interface);
  for (AssignedIp& ip : ours.ips) {
    ip.interface = index;
    result.ips.push_back(ip);
  }
  result.routes.insert(result.routes.end(), ours.routes.begin(), ours.routes.end());
  if (!ours.dns.empty()) result.dns = ours.dns;
  if (!task.conf.dns.empty()) result.dns = task.conf.dns;
  return result;
}

Outcome<> set_addresses(const Task& task, const Lane& lane, const NetNs& pod,
                        const AddResult& result) {
  if (!lane.link || (result.ips.empty() && result.routes.empty())) return {};
  const std::unique_ptr<Addresses> addresses = TRY(task.kernel.addresses_in(pod));
  TRY(give_addresses(*addresses, lane.link->index, lane_addresses_of(result)));
  crash_point("add.addressed");
  return {};
}

Outcome<> write_device_info(const Task& task, const Lane& lane, const AddResult& assigned,
                            Rollback& undo) {
  const std::string& path = task.conf.device_info_file;
  if (path.empty() || lane.record.provider != kVfProvider) return {};
  undo.add(
      [&task] { report_undo(task, "device info", task.device_info.remove(task.attachment())); });
  std::vector<std::string> addresses;
  for (const AssignedIp& ip : assigned.ips) addresses.push_back(ip.address.to_string());
  TRY(task.device_info.create(path, lane, std::move(addresses)).context("device info"));
  crash_point("add.device_info");
  return {};
}

}  // namespace

void report_undo(const Task& task, std::string_view step, const Outcome<>& undone) {
  if (undone) return;
  task.log.error("undo failed", {{"step", step}, {"error", undone.error().message}});
}

void report_undo(const Task& task, std::string_view step, const Result<>& undone) {
  report_undo(task, step, undone ? Outcome<>() : Outcome<>(undone.error()));
}

// A VF without a link (vfio-pci) is reported by its name-to-be; its driver sets the addresses.
Interface describe(const Task& task, const Lane& lane) {
  Interface interface { .name = lane.record.owner.ifname, .sandbox = task.environment.netns };
  if (lane.record.provider == kVfProvider) interface.pci_id = lane.record.id;
  const auto& mac = lane.link ? lane.link->mac : lane.record.settings.mac;
  if (mac) interface.mac = mac->to_string();
  if (lane.link) interface.mtu = lane.link->mtu;
  return interface;
}

Outcome<NetNs> open_pod(const Task& task) {
  const std::string& path = task.environment.netns;
  Result<std::optional<NetNs>> found = task.kernel.find_netns(path);
  if (!found) return Failure(ErrorCode::invalid_netns, found.error().message());
  if (!*found) {
    return Failure(ErrorCode::invalid_netns,
                   fmt::format("no network namespace at CNI_NETNS {}", in_quotes(path)));
  }
  if ((*found)->cookie() == task.kernel.host().cookie() && !task.environment.may_be_own_netns) {
    return Failure(ErrorCode::invalid_netns,
                   fmt::format("CNI_NETNS {} is the namespace of the plugin itself "
                               "(CNI_NETNS_OVERRIDE=1 to allow it)",
                               in_quotes(path)));
  }
  return **std::move(found);
}

Outcome<AddResult> add(const Task& task) {
  const NetNs pod = TRY(open_pod(task));
  Rollback undo;
  bool may_have_addresses = false;
  // Undone after the lane: an address that another pod may get is off the wire then.
  undo.add([&] {
    if (may_have_addresses) report_undo(task, "IPAM", task.ipam.run(Command::del));
  });
  const bool is_of_vf = std::holds_alternative<OfVf>(task.conf.lane.made_of);
  const Lane lane = TRY(task.lanes.attach(task.conf.lane, pod)
                            .context("attach {}", is_of_vf ? task.conf.device : task.conf.master));
  undo.add([&task] {
    report_undo(task, "lane", task.lanes.detach(task.attachment(), task.conf.hint()));
  });
  crash_point("add.attached");
  const AddResult assigned = TRY(ask_for_addresses(task, may_have_addresses));
  TRY(set_addresses(task, lane, pod, assigned));
  TRY(write_device_info(task, lane, assigned, undo));
  undo.dismiss();
  return merge(task, describe(task, lane), assigned);
}

}  // namespace sluice::cni
