#include "cni/addressing.h"
#include "cni/verbs/commands.h"
#include "pkg/base/strings.h"

namespace sluice::cni {

Outcome<> compare_interface(const Task& task, const Lane& lane) {
  const AddResult& expected = *task.conf.prev_result;
  const std::string& name = lane.record.owner.ifname;
  const auto index = find_interface(expected, name, task.environment.netns);
  if (!index) {
    return Failure(ErrorCode::invalid_config,
                   fmt::format("prevResult has no interface {} in {}", in_quotes(name),
                               in_quotes(task.environment.netns)));
  }
  const std::string& mac = expected.interfaces[static_cast<std::size_t>(*index)].mac;
  if (mac.empty() || !lane.link || !lane.link->mac) return {};
  if (const std::string actual = lane.link->mac->to_string(); actual != to_lower(mac)) {
    return Failure(ErrorCode::mismatch,
                   fmt::format("interface {} has MAC {}, prevResult says {}", name, actual, mac));
  }
  return {};
}

Outcome<> check(const Task& task) {
  const NetNs pod = TRY(open_pod(task));
  const Lane lane = TRY(task.lanes.check(task.attachment(), pod).context("check lane"));
  const AddResult& expected = *task.conf.prev_result;
  TRY(compare_interface(task, lane));
  if (lane.link) {
    const std::unique_ptr<Addresses> addresses = TRY(task.kernel.addresses_in(pod));
    const int link = lane.link->index;
    const std::vector<Route> routes = TRY(addresses->routes(link));
    TRY(verify(*addresses, link, routes,
               {expected, task.environment.ifname, task.environment.netns}));
  }
  return task.ipam.run(Command::check);
}

}  // namespace sluice::cni
