// What the repair loop says of lanes that a reset took out of their pods.
#include <fmt/ranges.h>

#include <algorithm>

#include "agent/repair/lane_repairer.h"
#include "pkg/lane/give_addresses.h"
#include "pkg/lane/lanes.h"
#include "pkg/ledger/records.h"

namespace sluice {
namespace {

std::string return_of(const std::string& lane) {
  return "return of " + lane;
}

constexpr const char* kOthers =
    "; addresses and routes that other CNI plugins gave went with the old link";

}  // namespace

// What a lane that is back lacks: nothing of it is Sluice's to give.
std::string LaneRepairer::lacks_of(const LaneReturn& news) const {
  std::string lacks;
  if (news.lost == Lost::link) {
    const std::optional<Lease> lease = leases_.find(news.lane.owner).value_or(std::nullopt);
    lacks += lease ? fmt::format(" with {}", list(lease->given.addresses)) : kOthers;
  }
  if (news.char_devices.empty()) return lacks;
  lacks += "; verbs contexts that were open are gone";
  const std::vector<std::string>& given = news.lane.char_devices;
  if (given.empty() || given == news.char_devices) return lacks;
  return lacks + fmt::format(
                     "; containers have character devices {}, it has {} now: RDMA needs "
                     "the pod to be made again",
                     fmt::join(given, ","), fmt::join(news.char_devices, ","));
}

Result<> LaneRepairer::readdress(const LaneRecord& lane, Addresses& pod, int link) const {
  const std::optional<Lease> lease = TRY(leases_.find(lane.owner));
  if (!lease) return {};
  return give_addresses_again(pod, link, lease->given)
      .context("give {} its addresses again", lane.owner.ifname);
}

Result<> LaneRepairer::bring_back(const std::string& port, Look look) {
  const Readdress give = [this](const LaneRecord& lane, Addresses& pod, int link) {
    return readdress(lane, pod, link);
  };
  const std::vector<LaneReturn> returns = TRY(lanes_.bring_back(port, look, give));
  for (const LaneReturn& news : returns) tell(port, news);
  return {};
}

void LaneRepairer::tell(const std::string& port, const LaneReturn& news) {
  if (lost_.emplace(news.lane.id, news.lane.owner.netns_cookie).second) {
    metrics_.add(metric::kLanesLost, {port});
    const std::string note = fmt::format(
        "lane {} of port {}: a reset of its VF took its {} out of "
        "the pod",
        news.lane.id, port, label_of(news.lost));
    announcer_.warn("a pod has lost a lane", {{"pod", news.lane.owner.pod}, {"what", note}},
                    news.lane.owner, {.reason = "LaneLost", .action = "Return", .note = note});
  }
  const bool is_back = news.failure.empty();
  metrics_.add(metric::kRepairs, {port, is_back ? "done" : "failed"});
  note(return_of(news.lane.id), is_back ? Result<>() : Error(Code::internal, news.failure));
  if (is_back) tell_return(port, news);
}

void LaneRepairer::tell_return(const std::string& port, const LaneReturn& news) {
  lost_.erase({news.lane.id, news.lane.owner.netns_cookie});
  const std::string note = fmt::format("lane {} of port {} is in the pod again as {}{}",
                                       news.lane.id, port, news.lane.owner.ifname, lacks_of(news));
  announcer_.warn("a lost lane is back", {{"pod", news.lane.owner.pod}, {"what", note}},
                  news.lane.owner, {.reason = "LaneReturned", .action = "Return", .note = note});
}

void LaneRepairer::forget_released() {
  if (lost_.empty()) return;
  const Result<std::vector<PortRecord>> records = read_records(ledger_);
  if (!records) return;
  std::set<Lane> left;
  for (const PortRecord& record : *records) {
    for (const LaneRecord& lane : record.lanes) {
      if (lane.lost != Lost::nothing) left.emplace(lane.id, lane.owner.netns_cookie);
    }
  }
  std::erase_if(lost_, [&](const Lane& lane) {
    if (left.contains(lane)) return false;
    static_cast<void>(failures_.recovered(return_of(lane.first)));
    return true;
  });
}

}  // namespace sluice
