#include "agent/pods/pod_reports.h"

#include "pkg/metrics/gauge_values.h"

namespace sluice {
namespace {

constexpr const char* kGranted = "granted";
constexpr const char* kRefused = "refused";
constexpr const char* kPostponed = "postponed";

bool is_for_later(const Error& error) {
  const Code code = error.code();
  return code == Code::busy || code == Code::exhausted || code == Code::timed_out;
}

}  // namespace

PodReports::PodReports(Announcer announcer, Metrics& metrics, Probes& probes)
    : announcer_(std::move(announcer)), metrics_(metrics), probes_(probes) {
  for (const char* const result : {kGranted, kRefused, kPostponed}) {
    metrics_.add(metric::kPodGrants, {result}, 0);
  }
}

void PodReports::need(const std::string& lacks) {
  if (lacks.empty()) return probes_.set_ready(kReady);
  probes_.set_not_ready(kReady, lacks);
}

void PodReports::show(const std::vector<std::string>& ports, const std::vector<Grant>& grants) {
  Counts<1> vfs;
  for (const std::string& port : ports) vfs[{port}] = 0;
  int pods = 0;
  for (const Grant& grant : grants) {
    if (grant.kind != Grant::Kind::pod) continue;
    ++pods;
    for (const GrantedVf& vf : grant.vfs) ++vfs[{vf.port}];
  }
  metrics_.set(metric::kAnnotatedPods, {}, pods);
  metrics_.replace(metric::kPodVfs, gauge_values(vfs));
}

void PodReports::granted(const PodWish& wish, const Grant& grant) {
  metrics_.add(metric::kPodGrants, {kGranted});
  announcer_.log().info("granted a pod its lanes",
                        {{"pod", wish.name},
                         {"vfs", grant.vfs.size()},
                         {"as_placed", grant.follows_placement ? "yes" : "no"}});
}

void PodReports::unreadable(const PodWish& wish, const Error& error) {
  announcer_.log().warn("a pod's placement is not followed",
                        {{"pod", wish.name}, {"reason", error.message()}});
}

void PodReports::refused(const PodWish& pod, const Error& error) {
  metrics_.add(metric::kPodGrants, {kRefused});
  tell(pod, "LanesRefused", error);
}

void PodReports::failed(const PodWish& pod, const Error& error) {
  if (!is_for_later(error)) return refused(pod, error);
  metrics_.add(metric::kPodGrants, {kPostponed});
  tell(pod, "LanesNotAvailable", error);
}

void PodReports::in_force(const Grant& grant) {
  announcer_.log().info("a pod on the host's network has its lanes",
                        {{"pod", grant.name}, {"lanes", grant.vfs.size()}});
}

void PodReports::taken_back(const std::string& pod_uid) {
  announcer_.log().info("took back the lanes of a pod on the host's network that has ended",
                        {{"uid", pod_uid}});
}

void PodReports::tell(const PodWish& pod, const std::string& reason, const Error& error) {
  Owner owner;
  owner.pod = pod.name;
  owner.pod_uid = pod.uid;
  announcer_.tell_pod(owner, Event::Type::warning,
                      {.reason = reason, .action = "Attach", .note = error.message()});
}

}  // namespace sluice
