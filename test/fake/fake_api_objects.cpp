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
  return found != nullptr && found->is_string() && *found == term.substr(equals + 1);
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

Outcome FakeApiObjects::patch(const FakeApiPath& path, const std::string& type, const Json& patch) {
  const auto found = objects_.find(whole(path));
  const bool is_apply = type == "application/apply-patch+yaml";
  if (found == objects_.end()) {
    return is_apply ? store(whole(path), patch, "ADDED") : not_found(path);
  }
  const Json before = found->second;
  Json after = before;
  if (is_apply || type == "application/merge-patch+json") {
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
