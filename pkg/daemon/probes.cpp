#include "pkg/daemon/probes.h"

#include <fmt/format.h>

#include "pkg/metrics/metrics.h"

namespace sluice {
namespace {

HttpReply verdict(const std::string& wrong) {
  return wrong.empty() ? HttpReply{.body = "ok\n"} : HttpReply{.status = 503, .body = wrong};
}

}  // namespace

Probes::Probes(const std::vector<std::string>& conditions) {
  for (const std::string& condition : conditions) reasons_[condition] = "starting";
}

void Probes::set_ready(const std::string& condition) {
  const std::lock_guard lock(mutex_);
  reasons_[condition].reset();
}

void Probes::set_not_ready(const std::string& condition, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  reasons_[condition] = reason;
}

bool Probes::is_ready() const {
  return unready().empty();
}

void Probes::watch(const Worker& worker, std::chrono::seconds limit) {
  const std::lock_guard lock(mutex_);
  watched_.push_back({&worker, limit});
}

std::vector<HttpRoute> Probes::routes() const {
  return {{"GET", "/livez", [this](const HttpCall& /*call*/) { return verdict(stuck()); }},
          {"GET", "/readyz", [this](const HttpCall& /*call*/) { return verdict(unready()); }}};
}

std::string Probes::unready() const {
  const std::lock_guard lock(mutex_);
  std::string wrong;
  for (const auto& [condition, reason] : reasons_) {
    if (reason) wrong += fmt::format("{}: {}\n", condition, *reason);
  }
  return wrong;
}

std::string Probes::stuck() const {
  const std::lock_guard lock(mutex_);
  std::string wrong;
  for (const Watched& each : watched_) {
    const auto busy = each.worker->busy_for();
    if (!busy || *busy < each.limit) continue;
    wrong += fmt::format("{}: at one step for {} s, {} allowed\n", each.worker->name(),
                         std::chrono::duration_cast<std::chrono::seconds>(*busy).count(),
                         each.limit.count());
  }
  return wrong;
}

HttpRoute metrics_route(const Metrics& metrics) {
  return {"GET", "/metrics", [&metrics](const HttpCall& /*call*/) {
            return HttpReply{.body = metrics.text(), .content_type = Metrics::kContentType};
          }};
}

}  // namespace sluice
