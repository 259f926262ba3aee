#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "pkg/base/result.h"
#include "pkg/kube/api_client.h"
#include "pkg/kube/service_endpoint.h"
#include "scheduler/options.h"
#include "scheduler/term.h"

namespace sluice {

/// The Service of the options, but for its port. invalid_argument where it has no name or others
/// cannot reach the address that is answered on.
Result<ServiceEndpoint> service_of(const SchedulerOptions& options, const std::string& name_space);

/// Has a Service lead to the replica that leads. Of one thread.
class LeaderService final {
 public:
  /// `client` must outlive this object.
  LeaderService(ApiClient& client, ServiceEndpoint endpoint)
      : client_(client), endpoint_(std::move(endpoint)) {}

  /// To be called every other second while this replica leads in `term` and can answer. The API is
  /// asked at the start of a term, and every ten seconds for what others may have written since.
  Result<> step(const std::shared_ptr<Term>& term);

 private:
  ApiClient& client_;
  const ServiceEndpoint endpoint_;
  std::weak_ptr<Term> told_;  // The last term that the API knows of, and since when.
  std::chrono::steady_clock::time_point told_at_;
};

}  // namespace sluice
