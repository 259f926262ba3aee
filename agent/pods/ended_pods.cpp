#include "agent/pods/ended_pods.h"

#include <algorithm>

#include "agent/grants/pod_facts.h"
#include "pkg/base/crash_point.h"
#include "pkg/base/kube_names.h"

namespace sluice {
namespace {

bool has_lane(const Grant& grant, const std::vector<PortRecord>& records) {
  return std::ranges::any_of(grant.vfs, [&](const GrantedVf& vf) {
    return find_lane(find_record(records, vf.port), vf.vf) != nullptr;
  });
}

}  // namespace

void EndedPods::look(Clock::time_point now) {
  const Result<std::vector<Grant>> grants = parts_.book.grants();
  const Result<std::vector<PortRecord>> records = read_records(parts_.ledger);
  if (!grants || !records) return warn("all", grants ? records.error() : grants.error(), now);
  failures_.recovered("all");
  const auto is_gone = [&](const std::string& uid) {
    return std::ranges::find(*grants, uid, &Grant::uid) == grants->end();
  };
  std::erase_if(waiting_, [&](const auto& each) { return is_gone(each.first); });
  std::erase_if(had_lanes_, is_gone);
  for (const Grant& grant : *grants) look_at(grant, *records, now);
}

void EndedPods::look_at(const Grant& grant, const std::vector<PortRecord>& records,
                        Clock::time_point now) {
  if (has_lane(grant, records)) {
    had_lanes_.insert(grant.uid);
    waiting_.erase(grant.uid);
    return;
  }
  const bool went_home = had_lanes_.erase(grant.uid) != 0;
  const Waiting fresh = went_home ? Waiting{.next = now, .pause = kPeriod}
                                  : Waiting{.next = now + kLongest, .pause = kLongest};
  Waiting& waiting = waiting_.try_emplace(grant.uid, fresh).first->second;
  if (now < waiting.next) return;
  waiting.next = now + waiting.pause;
  waiting.pause = std::min(2 * waiting.pause, kLongest);
  const Result<bool> is_gone = judge(grant);
  if (!is_gone) return warn(grant.name, is_gone.error(), now);
  failures_.recovered(grant.name);
  if (!*is_gone) return;
  announcer_.log().info("took back the grant of a pod that has ended",
                        {{"pod", grant.name}, {"uid", grant.uid}, {"vfs", grant.vfs.size()}});
  parts_.released();
}

// With the pod's turn, so what is granted later sees what becomes of it.
Result<bool> EndedPods::judge(const Grant& grant) {
  const auto turn = parts_.turns.take(grant.uid, std::chrono::milliseconds(0));
  if (!turn) return false;
  if (!TRY(parts_.has_ended(grant))) return false;
  const bool is_gone =
      TRY(parts_.book.release(grant.uid).context("take back the grant of pod '{}'", grant.name));
  crash_point("pods.released");
  return is_gone;
}

void EndedPods::warn(const std::string& which, const Error& error, Clock::time_point now) {
  if (!failures_.worth_telling(which, error.message(), now)) return;
  announcer_.log().warn("it is not known which grants annotated pods still need",
                        {{"pod", which}, {"reason", error.message()}});
}

Result<bool> has_ended(ApiClient& api, const Grant& grant, std::string_view domain) {
  const NamespacedName named = split_name(grant.name);
  const Result<PodFacts> pod = get_pod(api, named.name_space, named.name, domain);
  if (!pod && says_gone(pod.error(), named.name)) return true;
  if (!pod) return pod.error();
  return !pod->is(grant.pod_uid) || pod->is_ending;
}

}  // namespace sluice
