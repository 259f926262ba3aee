#include "agent/claims/claim_reports.h"

#include <fmt/ranges.h>

#include <chrono>

namespace sluice {

ClaimReports::ClaimReports(Announcer announcer, Metrics& metrics, Probes& probes)
    : announcer_(std::move(announcer)), metrics_(metrics), readiness_(probes) {
  metrics_.add(metric::kSliceWrites, {}, 0);
  for (const char* const verb : {"list", "watch", "get", "create", "update", "delete"}) {
    metrics_.add(metric::kSliceFailures, {verb}, 0);
  }
}

void ClaimReports::registered(const std::string& problem) {
  readiness_.registered(problem);
  const Log& log = announcer_.log();
  if (problem.empty()) return log.info("the kubelet has accepted the DRA driver");
  log.warn("the DRA driver is not registered", {{"reason", problem}});
}

dra::SliceListener ClaimReports::listener() {
  return {.published = [this](const dra::PublishedSlices& done) { published(done); },
          .failed = [this](const std::string& verb, const Error& error) { failed(verb, error); },
          .dropped =
              [this](const std::vector<std::string>& fields) {
                warn("create", fmt::format("the API server drops {}", fmt::join(fields, ", ")));
              },
          .omitted =
              [this](const dra::Omissions& omissions) {
                for (const std::string& each : omissions) warn("omit", each);
              }};
}

void ClaimReports::published(const dra::PublishedSlices& done) {
  metrics_.add(metric::kSliceWrites, {}, done.writes);
  readiness_.published();
  announcer_.log().info("ResourceSlices are published", {{"slices", done.slices},
                                                         {"devices", done.devices},
                                                         {"writes", done.writes},
                                                         {"shared", done.shared_devices}});
}

// What is forbidden stays so until a person grants it.
void ClaimReports::failed(const std::string& verb, const Error& error) {
  metrics_.add(metric::kSliceFailures, {verb});
  if (error.code() != Code::permission_denied) return warn(verb, error.message());
  const std::string note = fmt::format("may not {} ResourceSlices: {}", verb, error.message());
  readiness_.refused(note);
  if (!is_news(verb, error.message())) return;
  announcer_.error("ResourceSlices are refused", {{"verb", verb}, {"reason", error.message()}},
                   {.reason = "ResourceSlicesRefused", .action = "Publish", .note = note});
}

void ClaimReports::warn(const std::string& what, const std::string& why) {
  if (!is_news(what, why)) return;
  announcer_.log().warn("ResourceSlices are not as they should be",
                        {{"verb", what}, {"reason", why}});
}

bool ClaimReports::is_news(const std::string& what, const std::string& why) {
  const std::lock_guard lock(mutex_);
  return failures_.worth_telling(what, why, std::chrono::steady_clock::now());
}

}  // namespace sluice
