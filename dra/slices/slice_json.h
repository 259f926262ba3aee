#pragma once

#include <map>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "dra/slices/resource_api.h"
#include "dra/slices/slices.h"
#include "pkg/base/result.h"

namespace sluice::dra {

/// A slice as the server has it.
struct StoredSlice {
  std::string name;
  std::string uid;
  std::string version;  ///< resourceVersion
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
  /// What it says, whatever its spelling: 1k is 1000, an empty list is as good as none, and members
  /// that Sluice does not know do not count. An error where it says what Sluice never does.
  Result<Slice> content;
};

/// The object in that version of the API: to be created, or, with what is there now, to replace it.
nlohmann::json encode(const Slice& slice, ResourceVersion version,
                      const StoredSlice* replaced = nullptr);

/// Of any version of the API. An object without a name has an empty one.
StoredSlice decode_stored(const nlohmann::json& object);

}  // namespace sluice::dra
