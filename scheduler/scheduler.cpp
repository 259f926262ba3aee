#include "scheduler/scheduler.h"

#include <unistd.h>

#include <array>
#include <random>
#include <utility>

#include "pkg/base/kube_names.h"
#include "pkg/base/strings.h"
#include "pkg/http/listen.h"
#include "scheduler/wish_writer.h"

namespace sluice {
namespace {

using std::chrono::seconds;

constexpr seconds kLeaseDeadline{4};  // Of one request; a step has two.
constexpr seconds kStuck{60};
// kube-scheduler binds many pods at a time, and keeps connections for 90 s (client-go's
// SetTransportDefaults); half of them may come from one address.
constexpr unsigned kConnections = 512;
constexpr seconds kIdle{100};
constexpr const char* kUsualNamespace = "sluice-system";

/// Unique, whatever the host is called.
std::string identity() {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  std::random_device random;
  return fmt::format("{}_{:08x}{:08x}", host.data(), random(), random());
}

ApiOptions api_options(std::stop_token stop) {
  ApiOptions options;
  options.user_agent = "sluice-scheduler";
  options.stop = std::move(stop);
  return options;
}

ApiOptions lease_options() {
  ApiOptions options = api_options({});
  options.deadline = kLeaseDeadline;
  options.attempt = kLeaseDeadline;
  options.attempts = 1;
  return options;
}

std::string namespace_of(const SchedulerOptions& options, const ClusterAccess& access) {
  if (!options.lease_namespace.empty()) return options.lease_namespace;
  return access.own_namespace.empty() ? kUsualNamespace : access.own_namespace;
}

Result<LeaseOptions> lease_of(const SchedulerOptions& options, const ClusterAccess& access) {
  LeaseOptions lease{.name_space = namespace_of(options, access),
                     .name = options.lease_name,
                     .identity = identity(),
                     .duration = seconds(options.lease_seconds)};
  if (is_dns_label(lease.name_space) && is_dns_subdomain(lease.name)) return lease;
  return Error(Code::invalid_argument,
               fmt::format("lease {}/{}: want the names of a namespace and an object",
                           lease.name_space, lease.name));
}

}  // namespace

Result<std::unique_ptr<Scheduler>> Scheduler::start(const SchedulerOptions& options,
                                                    const ClusterAccess& access, LogOutput& output,
                                                    SchedulerTimes times) {
  Settings settings{.domain = options.domain, .policy = TRY(parse_policy(options.policy))};
  if (!is_dns_subdomain(options.domain)) {
    return Error(Code::invalid_argument, "domain: no DNS name: " + in_quotes(options.domain));
  }
  if (!options.no_leader_election) {
    settings.lease = TRY(lease_of(options, access));
    settings.lease->now = times.now;
  }
  if (!options.service.empty()) {
    settings.service = TRY(service_of(options, namespace_of(options, access)));
  }
  settings.times = std::move(times);
  std::unique_ptr<Scheduler> scheduler(new Scheduler(std::move(settings), access, output));
  TRY(scheduler->serve(options));
  return scheduler;
}

Scheduler::Scheduler(Settings settings, const ClusterAccess& access, LogOutput& output)
    : settings_(std::move(settings)),
      log_(output, "scheduler"),
      probes_({"cluster", "leader"}),
      reads_(access, api_options(stop_.get_token())),
      binds_(access, binding_options(api_options({}))),
      leases_(access, lease_options()),
      leadership_(settings_.lease ? &lease_.emplace(leases_, *settings_.lease) : nullptr,
                  [this] { return make_term(); }),
      extender_(leadership_, settings_.domain, metrics_) {
  metrics_.set(metric::kBuildInfo, {SLUICE_VERSION}, 1);
  lease_worker_.emplace("lease", settings_.times.renew,
                        [this](const auto& /*stop*/) { step_lease(); });
  books_worker_.emplace("books", settings_.times.books,
                        [this](const auto& /*stop*/) { keep_books(); });
  wishes_worker_.emplace("wishes", settings_.times.wishes,
                         [this](const auto& /*stop*/) { tell_wishes(); });
  probes_.watch(*lease_worker_, kStuck);
  probes_.watch(*books_worker_, kStuck);
}

Scheduler::~Scheduler() {
  service_worker_.reset();
  tls_worker_.reset();
  http_.reset();  // Binds that are under way end.
  health_.reset();
  lease_worker_.reset();
  books_worker_.reset();
  wishes_worker_.reset();
  stop_.request_stop();
  tell("lease", leadership_.resign());
}

Result<> Scheduler::serve(const SchedulerOptions& options) {
  std::vector<HttpRoute> health = probes_.routes();
  health.push_back({"GET", "/metrics", [this](const HttpCall& call) {
                      count();
                      return metrics_route(metrics_).handle(call);
                    }});
  std::vector<HttpRoute> routes = extender_.routes();
  routes.insert(routes.end(), health.begin(), health.end());
  const TlsFiles files{.certificate = options.tls_cert,
                       .key = options.tls_key,
                       .client_authorities = options.client_ca};
  HttpServerOptions server{.address = options.address,
                           .port = options.port,
                           .tls = TRY(read_tls(files)),
                           .body_limit = kLongestBody,
                           .connections = kConnections,
                           .deadline = kIdle};
  const bool is_open = server.tls.client_authorities.empty() && !is_loopback(options.address);
  if (is_open) log_.warn("any client that reaches the extender can bind pods: give --client-ca");
  http_ = TRY(HttpServer::start(std::move(server), std::move(routes)));
  if (options.health_port != 0) {
    health_ = TRY(HttpServer::start(
        {.address = options.health_address, .port = options.health_port}, std::move(health)));
  }
  if (!files.certificate.empty()) {
    tls_renewal_.emplace(*http_, files, log_);
    tls_worker_.emplace("tls", settings_.times.tls,
                        [this](const auto& /*stop*/) { tls_renewal_->refresh(); });
  }
  log_.info("running", {{"http", fmt::format("{}:{}", options.address, port())},
                        {"policy", to_string(settings_.policy)}});
  if (settings_.service) {
    ServiceEndpoint endpoint = *settings_.service;
    endpoint.port = port();
    service_.emplace(leases_, std::move(endpoint));
    service_worker_.emplace("service", settings_.times.service,
                            [this](const auto& /*stop*/) { lead_service(); });
  }
  return {};
}

std::unique_ptr<Term> Scheduler::make_term() {
  log_.info("leading");
  return std::make_unique<Term>(
      reads_, binds_,
      TermOptions{
          .domain = settings_.domain,
          .policy = settings_.policy,
          .may_bind = [this](auto time) { return leadership_.may_bind(time); },
          .now = settings_.times.now,
          .listed =
              [this](Listed what) {
                tell(to_string(what), {});
                report();
              },
          .failed = [this](Listed what, const Error& error) { tell(to_string(what), error); },
          .wish_times = settings_.times.wish,
          .given_up =
              [this](const GivenUpWish& wish) {
                log_.warn("a wish was not served, and is taken back",
                          {{"node", wish.node},
                           {"class", wish.class_name},
                           {"wished", fmt::format("{}", wish.wished)},
                           {"offered", fmt::format("{}", wish.offered)},
                           {"pause", fmt::format("{}s", wish.pause.count() / 1000)}});
              }});
}

void Scheduler::step_lease() {
  const bool led = leadership_.term() != nullptr;
  tell("lease", leadership_.step());
  const bool leads = leadership_.term() != nullptr;
  if (led && !leads) log_.warn("not leading any more", {{"leader", leadership_.leader()}});
  metrics_.set(metric::kExtenderLeads, {}, leads ? 1 : 0);
  report();
}

void Scheduler::report() {
  const std::shared_ptr<Term> term = leadership_.term();
  if (term == nullptr) {
    const std::string leader = leadership_.leader();
    if (settings_.service && !leader.empty()) {
      // Not asked by way of the Service, and so no reason to hold up a rollout or a drain.
      probes_.set_ready("leader");
      return probes_.set_ready("cluster");
    }
    probes_.set_not_ready("leader", leader.empty() ? "no replica leads" : leader + " leads");
    probes_.set_not_ready("cluster", "read by the leader alone");
    return;
  }
  probes_.set_ready("leader");
  const std::string missing = term->missing();
  if (missing.empty()) return probes_.set_ready("cluster");
  probes_.set_not_ready("cluster", "not read yet: " + missing);
}

// Begun only while the lease is held for as long as it may take: a later write could lead away from
// the next leader, until that one writes again.
void Scheduler::lead_service() {
  const std::shared_ptr<Term> term = leadership_.term();
  if (term == nullptr || !term->missing().empty() || !leadership_.may_bind(kLeaseDeadline)) return;
  tell("service", service_->step(term));
}

void Scheduler::tell_wishes() {
  const std::shared_ptr<Term> term = leadership_.term();
  if (term == nullptr || !term->missing().empty()) return;
  tell("wishes", write_wishes(leases_, term->view, term->waiting, term->wishes,
                              [this] { return leadership_.may_bind(kLeaseDeadline); }));
}

void Scheduler::keep_books() {
  const std::shared_ptr<Term> term = leadership_.term();
  if (term != nullptr) tell("settle", term->binder.settle());
}

/// When metrics are asked for: it takes a look at every node.
void Scheduler::count() {
  const std::shared_ptr<Term> term = leadership_.term();
  if (term == nullptr) return;
  const ClusterView::Counts counts = term->view.counts();
  metrics_.set(metric::kExtenderNodes, {"usable"}, static_cast<double>(counts.usable_nodes));
  metrics_.set(metric::kExtenderNodes, {"unusable"},
               static_cast<double>(counts.nodes - counts.usable_nodes));
  metrics_.set(metric::kExtenderPods, {"bound"}, static_cast<double>(counts.pods - counts.assumed));
  metrics_.set(metric::kExtenderPods, {"assumed"}, static_cast<double>(counts.assumed));
  metrics_.set(metric::kExtenderPods, {"doubtful"}, static_cast<double>(counts.doubtful));
}

void Scheduler::tell(const std::string& what, const Result<>& result) {
  if (!result) metrics_.add(metric::kApiFailures, {what});
  const std::lock_guard lock(mutex_);
  if (result) {
    if (repeats_.recovered(what)) log_.info("the API server answers again", {{"about", what}});
    return;
  }
  const auto now = std::chrono::steady_clock::now();
  if (!repeats_.worth_telling(what, result.error().message(), now)) return;
  log_.warn("asking the API server failed",
            {{"about", what}, {"reason", result.error().message()}});
}

}  // namespace sluice
