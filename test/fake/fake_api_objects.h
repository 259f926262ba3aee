#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "test/fake/fake_claim_rules.h"

namespace sluice {

/// "/apis/<group>/<version>[/namespaces/<namespace>]/<resource>[/<name>[/<subresource>]]" or the
/// same from "/api/v1", taken apart.
struct FakeApiPath {
  std::string prefix;      ///< "/api/v1", "/apis/resource.k8s.io/v1".
  std::string name_space;  ///< Empty: cluster-wide, or all of a namespaced kind.
  std::string resource;
  std::string name;  ///< Empty: the collection.
  std::string subresource;

  static std::optional<FakeApiPath> parse(const std::string& path);

  /// Whether an object at `other` belongs to this collection.
  bool holds(const FakeApiPath& other) const;

  auto operator<=>(const FakeApiPath&) const = default;
};

/// A refusal, as the server would put it into a Status.
struct FakeApiRefusal {
  int code;
  std::string reason;
  std::string message;
};

/// The state of a fake API server: objects, and what has become of them, one resourceVersion after
/// the other. Not thread-safe: its server holds the lock.
class FakeApiObjects {
 public:
  using Json = nlohmann::json;

  struct Change {
    std::uint64_t version;
    std::string type;  // ADDED, MODIFIED, DELETED
    FakeApiPath path;
    Json object;
  };

  /// An object, or why there is none.
  struct Outcome {
    Json object;
    std::optional<FakeApiRefusal> refusal;
  };

  Outcome get(const FakeApiPath& path) const;
  /// Creates or overwrites all of it.
  void put(const FakeApiPath& path, Json object);
  Outcome create(FakeApiPath collection, Json object);
  Outcome replace(const FakeApiPath& path, Json object);
  /// `type` is the content type of the patch. Server-side apply, by field manager `manager`, minds
  /// who owns what in the status of ResourceClaims; in all else it merges.
  Outcome patch(const FakeApiPath& path, const std::string& type, const Json& patch,
                const std::string& manager = {});
  Outcome remove(const FakeApiPath& path, const Json& options);
  /// What a Binding does to the pod at `path`: its node and its annotations, in one write.
  Outcome bind(const FakeApiPath& path, const Json& binding);

  /// Objects of a collection for which every "a.b=c" of `selector` (comma-separated) holds.
  std::vector<Json> list(const FakeApiPath& collection, const std::string& selector) const;

  static bool selects(const std::string& selector, const Json& object);

  std::uint64_t version() const { return version_; }

  const std::vector<Change>& changes() const { return changes_; }

  /// Forgets the past: lists and watches from before this moment are answered with 410.
  void compact() { oldest_ = ++version_; }

  std::uint64_t oldest() const { return oldest_; }

 private:
  Outcome store(const FakeApiPath& path, Json object, const std::string& type);
  Outcome apply(const FakeApiPath& path, const Json& patch, const std::string& manager);
  Outcome apply_status(const FakeApiPath& path, Json claim, const Json& patch,
                       const std::string& manager);

  std::map<FakeApiPath, Json> objects_;
  std::map<FakeApiPath, FakeDeviceOwners> owners_;  // Of claims.
  std::vector<Change> changes_;
  std::uint64_t version_ = 100;
  std::uint64_t oldest_ = 1;
  int names_made_ = 0;
};

}  // namespace sluice
