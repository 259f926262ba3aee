#include "agent/claims/pod_facts.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "pkg/json/document.h"
#include "pkg/json/members.h"

namespace sluice {
namespace {

using Json = nlohmann::json;

bool has_resource_of(Members spec, const char* containers, const std::string& prefix) {
  if (spec.find(containers) == nullptr) return false;
  for (const Json& container : spec.array(containers)) {
    // Extended resources are always among the limits.
    const Json::json_pointer limits("/resources/limits");
    if (!container.contains(limits)) continue;
    for (const auto& [resource, quantity] : container.at(limits).items()) {
      if (resource.starts_with(prefix)) return true;
    }
  }
  return false;
}

}  // namespace

Result<PodFacts> read_pod_facts(std::string_view text, std::string_view domain) {
  const Json json = parse_document(text);
  Problems problems;
  Members pod(json, "", problems);
  Members metadata = pod.object("metadata");
  Members spec = pod.object("spec");
  const std::string prefix = std::string(domain) + "/";
  PodFacts facts{.uid = metadata.text("uid"),
                 .on_host_network = spec.boolean("hostNetwork", false),
                 .has_resources = has_resource_of(spec, "containers", prefix) ||
                                  has_resource_of(spec, "initContainers", prefix)};
  if (problems.empty()) return facts;
  return Error(Code::invalid_argument, fmt::format("pod: {}", to_string(problems.all().front())));
}

}  // namespace sluice
