#include "test/fake/fake_api_objects.h"

#include <fmt/format.h>

#include <utility>

#include "pkg/base/strings.h"

namespace sluice {
namespace {

using Json = nlohmann::json;
using Outcome = FakeApiObjects::Outcome;

Outcome refuse(int code, const std::string& reason, const std::string& message) {
  return {.object = {}, .refusal = FakeApiRefusal{code, reason, message}};
}

Outcome not_found(const FakeApiPath& path) {
  return refuse(404, "NotFound", fmt::format("{} \"{}\" not found", path.resource, path.name));
}

Outcome conflict(const FakeApiPath& path, const std::string& why) {
  return refuse(
      409, "Conflict",
      fmt::format("Operation cannot be fulfilled on {} \"{}\": {}", path.resource, path.name, why));
}

/// Where the object itself lies.
FakeApiPath whole(FakeApiPath path) {
  path.subresource.clear();
  return path;
}

/// What a write through `path` may change of `before`: its status alone, or everything else.
Json admissible(const FakeApiPath& path, const Json& before, Json after) {
  if (path.subresource == "status") {
    Json kept = before;
    kept["status"] = after.value("status", Json::object());
    return kept;
  }
  if (before.contains("status")) after["status"] = before["status"];
  return after;
}

bool holds(const Json& object, std::string_view term) {
  const std::size_t equals = term.find('=');
  std::string pointer = "/" + std::string(term.substr(0, equals));
  for (char& c : pointer) {
    if (c == '.') c = '/';
  }
  const Json* const found =
      object.contains(Json::json_pointer(pointer)) ? &object[Json::json_pointer(pointer)] : nullptr;
  if (found == nullptr) return false;
  return (found->is_string() ? found->get<std::string>() : found->dump()) ==
         term.substr(equals + 1);
}

}  // namespace

std::optional<FakeApiPath> FakeApiPath::parse(const std::string& path) {
  std::vector<std::string_view> parts = split(path, '/');
  if (parts.size() < 4 || !parts[0].empty()) return std::nullopt;
  const std::size_t depth = parts[1] == "api" ? 3 : 4;
  if (parts.size() <= depth) return std::nullopt;
  FakeApiPath parsed;
  for (std::size_t i = 1; i < depth; ++i) parsed.prefix.append("/").append(parts[i]);
  parts.erase(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(depth));
  if (parts[0] == "namespaces" && parts.size() > 2) {
    parsed.name_space = parts[1];
    parts.erase(parts.begin(), parts.begin() + 2);
  }
  parts.resize(3);
  parsed.resource = parts[0];
  parsed.name = parts[1];
  parsed.subresource = parts[2];
  return parsed;
}

bool FakeApiPath::holds(const FakeApiPath& other) const {
  return prefix == other.prefix && resource == other.resource &&
         (name_space.empty() || name_space == other.name_space);
}

Outcome FakeApiObjects::store(const FakeApiPath& path, Json object, const std::string& type) {
  Json& metadata = object["metadata"];
  const auto before = objects_.find(path);
  const bool is_new = before == objects_.end();
  if (is_new) metadata["uid"] = fmt::format("uid-{}", version_ + 1);
  metadata["name"] = path.name;
  if (!path.name_space.empty()) metadata["namespace"] = path.name_space;
  metadata["resourceVersion"] = std::to_string(++version_);
  changes_.push_back({version_, type, path, object});
  if (type == "DELETED") {
    objects_.erase(path);
    owners_.erase(path);
  } else {
    objects_[path] = object;
  }
  return {.object = std::move(object), .refusal = std::nullopt};
}

Outcome FakeApiObjects::get(const FakeApiPath& path) const {
  const auto found = objects_.find(whole(path));
  if (found == objects_.end()) return not_found(path);
  return {.object = found->second, .refusal = std::nullopt};
}

void FakeApiObjects::put(const FakeApiPath& path, Json object) {
  const auto before = objects_.find(path);
  if (before == objects_.end()) {
    store(path, std::move(object), "ADDED");
  } else {
    object["metadata"]["uid"] = before->second["metadata"]["uid"];
    store(path, std::move(object), "MODIFIED");
  }
}

Outcome FakeApiObjects::create(FakeApiPath collection, Json object) {
  const Json metadata = object.value("metadata", Json::object());
  collection.name = metadata.value("name", "");
  if (collection.name.empty() && metadata.contains("generateName")) {
    collection.name =
        fmt::format("{}{:05}", metadata["generateName"].get<std::string>(), ++names_made_);
  }
  if (collection.name.empty()) {
    return refuse(422, "Invalid",
                  "metadata.name: Required value: name or generateName is required");
  }
  if (objects_.count(collection) != 0) {
    return refuse(409, "AlreadyExists",
                  fmt::format("{} \"{}\" already exists", collection.resource, collection.name));
  }
  return store(collection, std::move(object), "ADDED");
}

Outcome FakeApiObjects::replace(const FakeApiPath& path, Json object) {
  const auto before = objects_.find(whole(path));
  if (before == objects_.end()) return not_found(path);
  const std::string version = object["metadata"].value("resourceVersion", "");
  if (!version.empty() && version != before->second["metadata"]["resourceVersion"]) {
    return conflict(path,
                    "the object has been modified; please apply your changes to the latest "
                    "version and try again");
  }
  object["metadata"]["uid"] = before->second["metadata"]["uid"];
  return store(whole(path), admissible(path, before->second, std::move(object)), "MODIFIED");
}

// As handlers/patch.go of k8s.io/apiserver has it: a UID that is applied is a precondition, for an
// object that is there by validation, as UIDs are immutable.
Outcome FakeApiObjects::apply(const FakeApiPath& path, const Json& patch,
                              const std::string& manager) {
  if (manager.empty()) {
    return refuse(422, "Invalid", "fieldManager: Required value: is required for apply patch");
  }
  const std::string uid = patch.value(Json::json_pointer("/metadata/uid"), "");
  const auto found = objects_.find(whole(path));
  if (found == objects_.end() && !path.subresource.empty()) return not_found(path);
  if (found == objects_.end()) {
    if (uid.empty()) return store(whole(path), patch, "ADDED");
    return conflict(path, fmt::format("uid mismatch: the provided object specified uid {}, and no "
                                      "existing object was found",
                                      uid));
  }
  if (!uid.empty() && uid != found->second["metadata"]["uid"]) {
    return refuse(422, "Invalid",
                  fmt::format("metadata.uid: Invalid value: \"{}\": field is immutable", uid));
  }
  if (path.resource == "resourceclaims" && path.subresource == "status") {
    return apply_status(path, found->second, patch, manager);
  }
  Json after = found->second;
  after.merge_patch(patch);
  // All of it is its manager's.
  if (path.resource == "nodelanes" && path.subresource == "status") {
    after["status"] = patch.value("status", Json::object());
  }
  after = admissible(path, found->second, std::move(after));
  if (after == found->second) return get(path);  // Of a write that changes nothing there is none.
  return store(whole(path), std::move(after), "MODIFIED");
}

Outcome FakeApiObjects::apply_status(const FakeApiPath& path, Json claim, const Json& patch,
                                     const std::string& manager) {
  FakeDeviceOwners owners = owners_[whole(path)];
  claim["status"] = apply_claim_status(claim.value("status", Json::object()),
                                       patch.value("status", Json::object()), manager, owners);
  if (const std::string why = invalid_in_claim_status(claim); !why.empty()) {
    return refuse(422, "Invalid", why);
  }
  owners_[whole(path)] = std::move(owners);
  return store(whole(path), std::move(claim), "MODIFIED");
}

Outcome FakeApiObjects::patch(const FakeApiPath& path, const std::string& type, const Json& patch,
                              const std::string& manager) {
  if (type == "application/apply-patch+yaml") return apply(path, patch, manager);
  const auto found = objects_.find(whole(path));
  if (found == objects_.end()) return not_found(path);
  const Json before = found->second;
  Json after = before;
  if (type == "application/merge-patch+json") {
    after.merge_patch(patch);
  } else if (type == "application/json-patch+json") {
    try {
      after = before.patch(patch);
    } catch (const Json::exception& error) {
      return refuse(422, "Invalid", error.what());
    }
  } else {
    return refuse(415, "UnsupportedMediaType", "the body of the request was in an unknown format");
  }
  if (after["metadata"]["resourceVersion"] != before["metadata"]["resourceVersion"]) {
    return conflict(path, "the object has been modified");
  }
  return store(whole(path), admissible(path, before, std::move(after)), "MODIFIED");
}

Outcome FakeApiObjects::remove(const FakeApiPath& path, const Json& options) {
  const auto found = objects_.find(path);
  if (found == objects_.end()) return not_found(path);
  const Json preconditions =
      options.is_object() ? options.value("preconditions", Json::object()) : Json::object();
  for (const auto& [key, value] : preconditions.items()) {
    if (found->second["metadata"][key] != value) {
      return conflict(
          path, fmt::format("Precondition failed: {} in precondition: {}", key, value.dump()));
    }
  }
  return store(path, found->second, "DELETED");
}

// As setPodNodeAndMetadata() of pkg/registry/core/pod/storage/storage.go has it.
Outcome FakeApiObjects::bind(const FakeApiPath& path, const Json& binding) {
  const auto found = objects_.find(whole(path));
  if (found == objects_.end()) return not_found(path);
  Json pod = found->second;
  const Json metadata = binding.value("metadata", Json::object());
  const std::string uid = metadata.value("uid", "");
  if (!uid.empty() && uid != pod["metadata"]["uid"]) {
    return conflict(path, fmt::format("Precondition failed: UID in precondition: {}, UID in object "
                                      "meta: {}",
                                      uid, pod["metadata"]["uid"].get<std::string>()));
  }
  if (pod["metadata"].contains("deletionTimestamp")) {
    return conflict(
        path, fmt::format("pod {} is being deleted, cannot be assigned to a host", path.name));
  }
  if (!pod.value(Json::json_pointer("/spec/nodeName"), "").empty()) {
    return conflict(path, fmt::format("pod {} is already assigned to node {}", path.name,
                                      pod["spec"]["nodeName"].dump()));
  }
  pod["spec"]["nodeName"] = binding["target"]["name"];
  const Json annotations = metadata.value("annotations", Json::object());
  for (const auto& [key, value] : annotations.items()) {
    pod["metadata"]["annotations"][key] = value;
  }
  store(whole(path), std::move(pod), "MODIFIED");
  return {.object = {{"kind", "Status"}, {"apiVersion", "v1"}, {"status", "Success"}},
          .refusal = std::nullopt};
}

bool FakeApiObjects::selects(const std::string& selector, const Json& object) {
  for (const std::string_view term : split(selector, ',')) {
    if (!term.empty() && !holds(object, term)) return false;
  }
  return true;
}

std::vector<Json> FakeApiObjects::list(const FakeApiPath& collection,
                                       const std::string& selector) const {
  std::vector<Json> found;
  for (const auto& [path, object] : objects_) {
    if (collection.holds(path) && selects(selector, object)) found.push_back(object);
  }
  return found;
}

}  // namespace sluice
