#include "agent/pods/host_pod_watch.h"

#include <pthread.h>

#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "pkg/kube/watch.h"

namespace sluice {
namespace {

std::string text_at(const nlohmann::json& pod, const char* pointer) {
  const nlohmann::json::json_pointer at(pointer);
  return pod.contains(at) && pod.at(at).is_string() ? pod.at(at).get<std::string>() : "";
}

// nullopt for an object that is no pod.
std::optional<HostPod> host_pod(const nlohmann::json& object, const std::string& domain) {
  Result<PodFacts> facts = facts_of(object, domain);
  if (!facts) return std::nullopt;
  const std::string uid = facts->static_uid.empty() ? facts->uid : facts->static_uid;
  return HostPod{.id = {.name_space = text_at(object, "/metadata/namespace"),
                        .name = text_at(object, "/metadata/name"),
                        .uid = uid},
                 .facts = *std::move(facts)};
}

std::vector<HostPod> host_pods(const std::vector<nlohmann::json>& objects,
                               const std::string& domain) {
  std::vector<HostPod> pods;
  pods.reserve(objects.size());
  for (const nlohmann::json& object : objects) {
    if (auto pod = host_pod(object, domain)) pods.push_back(*std::move(pod));
  }
  return pods;
}

}  // namespace

HostPodWatch::HostPodWatch(Parts parts, Announcer announcer)
    : parts_(std::move(parts)), announcer_(std::move(announcer)) {
  const Collection on_host{
      .path = "/api/v1/pods",
      .field_selector = "spec.nodeName=" + parts_.node + ",spec.hostNetwork=true"};
  const WatchListener listener{
      .listed =
          [this](const auto& objects) {
            failures_.recovered("watch");
            parts_.pods.list(host_pods(objects, parts_.domain));
            parts_.shown();
          },
      .changed = [this](const nlohmann::json& object) { show(object, true); },
      .removed = [this](const nlohmann::json& object) { show(object, false); },
      .failed = [this](const Error& error) { failed(error); }};
  thread_ = std::jthread([this, on_host, listener](const std::stop_token& stop) {
    ::pthread_setname_np(::pthread_self(), "host-pod-watch");
    follow(parts_.api, on_host, listener, stop);
  });
}

void HostPodWatch::show(const nlohmann::json& object, bool is_there) {
  std::optional<HostPod> pod = host_pod(object, parts_.domain);
  if (!pod) return;
  if (is_there) {
    parts_.pods.set(*std::move(pod));
  } else {
    parts_.pods.drop(pod->id.uid);
  }
  parts_.shown();
}

void HostPodWatch::failed(const Error& error) {
  if (!failures_.worth_telling("watch", error.message(), std::chrono::steady_clock::now())) return;
  announcer_.log().warn("pods on the host's network cannot be watched",
                        {{"reason", error.message()}});
}

}  // namespace sluice
