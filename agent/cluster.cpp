#include "agent/cluster.h"

#include <limits>
#include <utility>

#include "pkg/base/kube_names.h"
#include "pkg/base/strings.h"
#include "pkg/kubelet/pod_resources_client.h"

namespace sluice {
namespace {

constexpr std::chrono::seconds kKubeletLimit{2};

ApiOptions api_options(const ClusterOptions& options) {
  ApiOptions api;
  api.user_agent = "sluiced";
  api.stop = options.stop;
  return api;
}

}  // namespace

std::map<std::string, int> published_classes(const std::map<std::string, std::string>& allocatable,
                                             const Config& config) {
  std::map<std::string, int> published;
  for (const auto& [resource, quantity] : allocatable) {
    const std::optional<std::string> class_name = config.class_of(resource);
    if (!class_name) continue;
    // Kubelet writes counts of devices without a suffix, up to 999.
    const auto count = parse_int<int>(quantity);
    published[*class_name] = count ? *count : std::numeric_limits<int>::max();
  }
  return published;
}

Result<std::unique_ptr<Kubernetes>> Cluster::connect(const ClusterOptions& options,
                                                     const EventFd& wake, const Log& log,
                                                     Metrics& metrics) {
  std::optional<ClusterAccess> access =
      TRY(find_access(options.kubeconfig).context("access to the API server"));
  if (!access) {
    log.warn("no access to the API server: offers are made and never moved",
             {{"hint", "run in a pod with a service account, or give --kubeconfig"}});
    return std::unique_ptr<Kubernetes>(new NoKubernetes());
  }
  if (options.node.empty()) {
    return Error(Code::invalid_argument,
                 "the name of this node is not known: give --node-name, or set NODE_NAME");
  }
  log.info("using the API server", {{"server", access->server}, {"node", options.node}});
  return std::unique_ptr<Kubernetes>(new Cluster(std::move(*access), options, wake, log, metrics));
}

Cluster::Cluster(ClusterAccess access, const ClusterOptions& options, const EventFd& wake, Log log,
                 Metrics& metrics)
    : kubelet_(options.pod_resources_socket),
      log_(std::move(log)),
      metrics_(metrics),
      client_(std::move(access), api_options(options)),
      node_(
          client_, options.node,
          [this, &wake] {
            is_node_readable_ = true;
            if (watch_failures_.recovered("watch")) log_.info("watching the node works again");
            wake.notify();
          },
          [this](const Error& error) {
            is_node_readable_ = false;
            metrics_.add(metric::kApiFailures, {"watch"});
            const auto now = std::chrono::steady_clock::now();
            if (!watch_failures_.worth_telling("watch", error.message(), now)) return;
            log_.warn("watching the node failed", {{"reason", error.message()}});
          }),
      events_(client_, {.instance = options.node,
                        .failed =
                            [this](const Error& error) {
                              metrics_.add(metric::kApiFailures, {"event"});
                              log_.debug("event was not sent", {{"reason", error.message()}});
                            },
                        .dropped = [this] { metrics_.add(metric::kEventsDropped, {}); }}) {}

std::optional<NodeIdentity> Cluster::identity() const {
  const auto node = node_.latest();
  if (node == nullptr) return std::nullopt;
  return NodeIdentity{.name = node->name, .uid = node->uid};
}

std::optional<KubernetesView> Cluster::view(const Config& config) {
  const auto node = node_.latest();
  if (node == nullptr || !is_node_readable_) return std::nullopt;
  const auto known = kubelet_.known_devices(kKubeletLimit);
  if (!known) {
    const auto now = std::chrono::steady_clock::now();
    if (failures_.worth_telling("kubelet", known.error().message(), now)) {
      log_.warn("kubelet does not say which devices it knows",
                {{"reason", known.error().message()}});
    }
    return std::nullopt;
  }
  if (failures_.recovered("kubelet")) log_.info("kubelet says again which devices it knows");
  KubernetesView view;
  view.published = published_classes(node->allocatable, config);
  for (const KnownDevice& device : *known) {
    const std::optional<std::string> class_name = config.class_of(device.resource);
    if (class_name) view.kubelet.emplace(*class_name, device.id);
  }
  return view;
}

void Cluster::warn_node(const EventText& event) {
  const auto node = node_.latest();
  if (node == nullptr) return;
  events_.record(
      {.subject = {.kind = "Node", .name_space = {}, .name = node->name, .uid = node->uid},
       .type = Event::Type::warning,
       .reason = event.reason,
       .action = event.action,
       .note = event.note});
}

void Cluster::tell_pod(const Owner& owner, Event::Type type, const EventText& event) {
  const NamespacedName pod = split_name(owner.pod);
  if (pod.name.empty() || !is_dns_label(pod.name_space)) return;  // They become parts of a path.
  events_.record({.subject = {.kind = "Pod",
                              .name_space = pod.name_space,
                              .name = pod.name,
                              .uid = owner.pod_uid},
                  .type = type,
                  .reason = event.reason,
                  .action = event.action,
                  .note = event.note});
}

}  // namespace sluice
