#include "scheduler/pod_facts.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "pkg/base/kube_names.h"
#include "pkg/base/strings.h"
#include "pkg/json/members.h"

namespace sluice {
namespace {

using nlohmann::json;
using Classes = std::map<std::string, int>;

/// A member of an object; null where there is none.
const json& at(const json& object, const char* key) {
  static const json kNull;
  if (!object.is_object()) return kNull;
  const auto member = object.find(key);
  return member == object.end() ? kNull : *member;
}

std::string text(const json& object, const char* key) {
  const json& member = at(object, key);
  return member.is_string() ? member.get<std::string>() : std::string();
}

/// How often one container asks for each class. Extended resources are whole numbers.
Classes classes_of(const json& container, std::string_view domain) {
  Classes classes;
  const json& limits = at(at(container, "resources"), "limits");
  if (!limits.is_object()) return classes;
  for (const auto& [resource, quantity] : limits.items()) {
    const std::string_view name(resource);
    if (!name.starts_with(domain) || name.substr(domain.size(), 1) != "/") continue;
    const std::string_view in_domain = name.substr(domain.size() + 1);
    if (in_domain == kTokenResource) continue;
    const auto count =
        parse_int<int>(quantity.is_string() ? quantity.get<std::string>() : quantity.dump());
    if (count && *count > 0) classes[std::string(in_domain)] = *count;
  }
  return classes;
}

/// What the pod asks for as kube-scheduler counts it: containers run together, init containers
/// before them and one by one.
Classes all_classes(const json& spec, std::string_view domain) {
  Classes all;
  for (const json& container : at(spec, "containers")) {
    for (const auto& [name, count] : classes_of(container, domain)) all[name] += count;
  }
  for (const json& container : at(spec, "initContainers")) {
    for (const auto& [name, count] : classes_of(container, domain)) {
      all[name] = std::max(all[name], count);
    }
  }
  return all;
}

/// Whether the text goes on with what can be no part of a resource's name; a full stop ends a
/// sentence unless the name goes on behind it.
bool ends_name(std::string_view rest) {
  const auto is_of_name = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_';
  };
  if (rest.starts_with('.')) rest.remove_prefix(1);
  return rest.empty() || !is_of_name(rest[0]);
}

/// Why kube-scheduler did not bind the pod, in its words; empty where it has not said.
std::string why_unschedulable(const json& status) {
  const json& conditions = at(status, "conditions");
  if (!conditions.is_array()) return {};
  for (const json& condition : conditions) {
    if (text(condition, "type") != "PodScheduled" || text(condition, "status") != "False") continue;
    if (text(condition, "reason") == "Unschedulable") return text(condition, "message");
  }
  return {};
}

/// Those classes of which the plugin NodeResourcesFit says "Insufficient <resource>".
Classes lacking_of(const json& status, const Classes& classes, std::string_view domain) {
  Classes lacking;
  if (classes.empty()) return lacking;
  const std::string why = why_unschedulable(status);
  for (const auto& [name, count] : classes) {
    const std::string said = fmt::format("Insufficient {}/{}", domain, name);
    for (std::size_t i = why.find(said); i != std::string::npos; i = why.find(said, i + 1)) {
      if (!ends_name(std::string_view(why).substr(i + said.size()))) continue;
      lacking.emplace(name, count);
      break;
    }
  }
  return lacking;
}

Annotations annotations_of(const json& metadata) {
  Annotations found;
  const json& all = at(metadata, "annotations");
  for (const std::string_view key : {kPapersAnnotation, kLanesAnnotation, kPlacementAnnotation}) {
    std::string value = text(all, std::string(key).c_str());
    if (!value.empty()) found.emplace(key, std::move(value));
  }
  return found;
}

}  // namespace

bool PodFacts::is_annotated() const {
  return annotations.count(std::string(kPapersAnnotation)) != 0 ||
         annotations.count(std::string(kLanesAnnotation)) != 0;
}

PodFacts facts_of(const json& pod, std::string_view domain) {
  const json& metadata = at(pod, "metadata");
  const json& spec = at(pod, "spec");
  const json& status = at(pod, "status");
  const std::string phase = text(status, "phase");
  Classes classes = all_classes(spec, domain);
  Classes lacking = lacking_of(status, classes, domain);
  return {.uid = text(metadata, "uid"),
          .name_space = text(metadata, "namespace"),
          .name = text(metadata, "name"),
          .node = text(spec, "nodeName"),
          .is_over = phase == "Succeeded" || phase == "Failed",
          .annotations = annotations_of(metadata),
          .classes = std::move(classes),
          .lacking = std::move(lacking),
          .has_claims = !at(spec, "resourceClaims").empty(),
          .on_host_network = at(spec, "hostNetwork") == true};
}

}  // namespace sluice
