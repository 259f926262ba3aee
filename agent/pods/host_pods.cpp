#include "agent/pods/host_pods.h"

#include <algorithm>
#include <set>
#include <utility>

#include "pkg/ledger/records.h"

namespace sluice {
namespace {

// For all lanes of a pod. An agent that hands over waits for it, and is given 10 s to end.
constexpr std::chrono::seconds kAttachTimeout{5};

// UIDs of pods that have lanes in place by annotation.
std::set<std::string> with_lanes(const std::vector<PortRecord>& records) {
  std::set<std::string> uids;
  for (const PortRecord& port : records) {
    for (const LaneRecord& lane : port.lanes) {
      if (is_host_pods(lane)) uids.insert(lane.owner.container_id);
    }
  }
  return uids;
}

}  // namespace

void HostPods::list(std::vector<HostPod> pods) {
  const std::lock_guard lock(mutex_);
  std::map<std::string, Known> before = std::exchange(known_, {});
  for (HostPod& pod : pods) {
    if (auto known = before.extract(pod.id.uid)) known_.insert(std::move(known));
    put(std::move(pod));
  }
  leaving_.clear();
  has_listed_ = true;
}

void HostPods::set(HostPod pod) {
  const std::lock_guard lock(mutex_);
  put(std::move(pod));
}

void HostPods::drop(const std::string& uid) {
  const std::lock_guard lock(mutex_);
  known_.erase(uid);
  leaving_.erase(uid);  // Its containers have ended, unless it was deleted by force.
}

void HostPods::put(HostPod pod) {
  const std::string uid = pod.id.uid;
  if (pod.facts.is_ending) {
    known_.erase(uid);
    return;
  }
  const auto known = known_.find(uid);
  if (known != known_.end() && known->second.pod == pod) return;
  known_.insert_or_assign(uid, Known{.pod = std::move(pod)});
}

void HostPods::look(Clock::time_point now, const std::stop_token& stop) {
  const Result<std::vector<Grant>> grants = parts_.book.grants();
  const Result<std::vector<PortRecord>> records = read_records(parts_.ledger);
  if (!grants || !records) return warn("all", grants ? records.error() : grants.error(), now);
  failures_.recovered("all");
  for (const std::string& uid : left_behind(*records, now)) {
    if (!stop.stop_requested()) take_back(uid, now);
  }
  for (const HostPod& pod : due(*grants, *records, now)) {
    if (!stop.stop_requested()) give(pod, now);
  }
}

// A pod with lanes and no grant has had one, which was lost: it keeps what it has.
std::vector<HostPod> HostPods::due(const std::vector<Grant>& grants,
                                   const std::vector<PortRecord>& records, Clock::time_point now) {
  const std::set<std::string> have_lanes = with_lanes(records);
  std::vector<HostPod> due;
  const std::lock_guard lock(mutex_);
  for (auto& [uid, known] : known_) {
    const auto grant = std::ranges::find(grants, uid, &Grant::uid);
    const bool is_granted = grant != grants.end();
    const bool is_served =
        is_granted ? is_in_force(*grant, records) : known.is_settled || have_lanes.contains(uid);
    if (is_served) {
      known.pause = {};
    } else if (now >= known.pause.due) {
      due.push_back(known.pod);
    }
  }
  return due;
}

void HostPods::give(const HostPod& pod, Clock::time_point now) {
  const bool is_for_later = try_to_give(pod);
  const std::lock_guard lock(mutex_);
  const auto known = known_.find(pod.id.uid);
  if (known == known_.end() || known->second.pod != pod) return;
  known->second.is_settled = !is_for_later;
  known->second.pause.due = now + known->second.pause.pauses.next();
}

// Whether to try again though the pod stays as it is, if it has not got its lanes.
bool HostPods::try_to_give(const HostPod& pod) {
  const auto turn = parts_.turns.take(pod.id.uid, std::chrono::milliseconds(0));
  if (!turn) return true;  // EndedPods is at it.
  Result<std::optional<Grant>> granted = parts_.book.find(pod.id.uid);
  if (!granted) return true;  // As the look did, which says it.
  if (*granted) {
    attach(**granted);
    return true;
  }
  if (!parts_.config.current()->has_share(FrontEndName::pods)) return true;
  const Result<std::optional<PodWish>> wish = parts_.grants.wish_of(pod.id, pod.facts);
  if (!wish || !*wish) return false;
  const Result<Grant> made = parts_.grants.grant(**wish, *turn);
  if (made) attach(*made);
  return true;
}

void HostPods::attach(const Grant& grant) {
  const Result<> done = parts_.lanes.attach(grant, Clock::now() + kAttachTimeout);
  if (done) return parts_.reports.in_force(grant);
  parts_.reports.failed({.uid = grant.pod_uid, .name = grant.name, .asked = {}}, done.error());
}

std::vector<std::string> HostPods::left_behind(const std::vector<PortRecord>& records,
                                               Clock::time_point now) {
  std::vector<std::string> left;
  const std::set<std::string> have_lanes = with_lanes(records);
  const std::lock_guard lock(mutex_);
  std::erase_if(leaving_, [&](const auto& each) { return !have_lanes.contains(each.first); });
  if (!has_listed_) return left;
  for (const std::string& uid : have_lanes) {
    if (known_.contains(uid)) continue;
    Pause& pause = leaving_[uid];
    if (now < pause.due) continue;
    pause.due = now + pause.pauses.next();
    left.push_back(uid);
  }
  return left;
}

void HostPods::take_back(const std::string& uid, Clock::time_point now) {
  const Result<bool> gone = parts_.lanes.release(uid);
  if (!gone) return warn(uid, gone.error(), now);
  failures_.recovered(uid);
  if (*gone) parts_.reports.taken_back(uid);
}

void HostPods::warn(const std::string& which, const Error& error, Clock::time_point now) {
  if (!failures_.worth_telling(which, error.message(), now)) return;
  parts_.reports.announcer().log().warn(
      "lanes of pods on the host's network are not as they should",
      {{"pod", which}, {"reason", error.message()}});
}

}  // namespace sluice
