#include "scheduler/leader_service.h"

#include "pkg/base/kube_names.h"

namespace sluice {
namespace {

constexpr std::chrono::seconds kTellAgain{10};
constexpr const char* kPortName = "extender";  // As deploy/scheduler/service.yaml has it.

}  // namespace

Result<ServiceEndpoint> service_of(const SchedulerOptions& options, const std::string& name_space) {
  if (!is_dns_label(name_space) || !is_dns_label(options.service)) {
    return Error(Code::invalid_argument,
                 fmt::format("service {}/{}: want the names of a namespace and a Service",
                             name_space, options.service));
  }
  if (options.address == "::" || options.address == "0.0.0.0") {
    return Error(Code::invalid_argument,
                 fmt::format("address {}: a Service needs one that leads here", options.address));
  }
  return ServiceEndpoint{.name_space = name_space,
                         .service = options.service,
                         .address = options.address,
                         .port = 0,
                         .port_name = kPortName};
}

Result<> LeaderService::step(const std::shared_ptr<Term>& term) {
  const auto now = std::chrono::steady_clock::now();
  if (told_.lock() == term && now - told_at_ < kTellAgain) return {};
  TRY(publish(client_, endpoint_));
  told_ = term;
  told_at_ = now;
  return {};
}

}  // namespace sluice
