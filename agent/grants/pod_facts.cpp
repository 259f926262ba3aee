#include "agent/grants/pod_facts.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include "pkg/base/kube_names.h"
#include "pkg/json/document.h"
#include "pkg/json/members.h"

namespace sluice {
namespace {

using Json = nlohmann::json;

// Of the pod that a kubelet shows for a static one: that one's UID (kubelet/types/pod_update.go,
// ConfigMirrorAnnotationKey).
constexpr const char* kMirror = "kubernetes.io/config.mirror";

/// Containers and their resources that a claim stands for, which the scheduler has made.
using Claimed = std::set<std::pair<std::string, std::string>>;

Claimed read_claimed(const Json& pod, Problems& problems) {
  Claimed claimed;
  const Json::json_pointer mappings("/status/extendedResourceClaimStatus/requestMappings");
  if (!pod.contains(mappings) || !pod.at(mappings).is_array()) return claimed;
  for (const Json& value : pod.at(mappings)) {
    Members mapping(value, mappings.to_string(), problems);
    claimed.emplace(mapping.text("containerName"), mapping.text("resourceName"));
  }
  return claimed;
}

bool has_resource_of(Members spec, const char* containers, const std::string& prefix,
                     const Claimed& claimed) {
  if (spec.find(containers) == nullptr) return false;
  const std::string token = fmt::format("{}{}", prefix, kTokenResource);
  for (const Json& container : spec.array(containers)) {
    // Extended resources are always among the limits.
    const Json::json_pointer limits("/resources/limits");
    if (!container.contains(limits)) continue;
    const auto named = container.find("name");
    const std::string name =
        named != container.end() && named->is_string() ? named->get<std::string>() : "";
    for (const auto& [resource, quantity] : container.at(limits).items()) {
      const bool is_class = resource.starts_with(prefix) && resource != token;
      if (is_class && !claimed.contains({name, resource})) return true;
    }
  }
  return false;
}

bool has_ended(const Json& pod) {
  const Json::json_pointer phase("/status/phase");
  return pod.contains(phase) && (pod.at(phase) == "Succeeded" || pod.at(phase) == "Failed");
}

}  // namespace

Result<PodFacts> read_pod_facts(std::string_view text, std::string_view domain) {
  return facts_of(parse_document(text), domain);
}

Result<PodFacts> facts_of(const Json& json, std::string_view domain) {
  Problems problems;
  Members pod(json, "", problems);
  Members metadata = pod.object("metadata");
  Members spec = pod.object("spec");
  const std::string prefix = std::string(domain) + "/";
  const Claimed claimed = read_claimed(json, problems);
  PodFacts facts{.uid = metadata.text("uid"),
                 .on_host_network = spec.boolean("hostNetwork", false),
                 .has_resources = has_resource_of(spec, "containers", prefix, claimed) ||
                                  has_resource_of(spec, "initContainers", prefix, claimed),
                 .is_ending = metadata.find("deletionTimestamp") != nullptr || has_ended(json),
                 .annotations = metadata.texts("annotations")};
  if (const auto mirror = facts.annotations.find(kMirror); mirror != facts.annotations.end()) {
    facts.static_uid = mirror->second;
  }
  if (problems.empty()) return facts;
  return Error(Code::invalid_argument, fmt::format("pod: {}", to_string(problems.all().front())));
}

Result<PodFacts> get_pod(ApiClient& api, const std::string& name_space, const std::string& name,
                         std::string_view domain) {
  const std::string path =
      fmt::format("/api/v1/namespaces/{}/pods/{}", url_encode(name_space), url_encode(name));
  const std::string text = TRY(api.get(path));
  return read_pod_facts(text, domain);
}

bool asks_by_annotation(const PodFacts& pod) {
  const auto asked = read_annotations(pod.annotations);
  return !asked || asked->has_value();
}

// Without the object's name it is another 404 (apimachinery/pkg/api/errors NewNotFound).
bool says_gone(const Error& error, const std::string& name) {
  return error.code() == Code::not_found &&
         error.message().find(fmt::format("\"{}\" not found", name)) != std::string::npos;
}

}  // namespace sluice
