#pragma once

#include <string>

#include "dra/slices/slice_json.h"
#include "pkg/base/result.h"
#include "pkg/kube/api_client.h"

namespace sluice::dra {

/// What of a request is carried out.
enum class WriteMode {
  real,
  trial,  ///< All but the writing: the answer is what would be stored (dryRun=All).
};

/// Requests on single slices. Thread-safe as the client is.
class SliceWriter {
 public:
  /// `client` must outlive this object.
  SliceWriter(ApiClient& client, ResourceVersion version)
      : client_(client), version_(version), path_(slices_path(version)) {}

  /// Creates the slice, or replaces what is there. What the server made of it; already_exists or
  /// busy when another is there, not_found when there is none to be replaced.
  Result<StoredSlice> write(const Slice& slice, const StoredSlice* replaced, WriteMode mode) const;

  /// not_found when there is none.
  Result<StoredSlice> read(const std::string& name) const;

  /// Removes what was stored and nothing newer (busy); success when it is gone.
  Result<> remove(const StoredSlice& stored) const;

 private:
  ApiClient& client_;
  const ResourceVersion version_;
  const std::string path_;
};

}  // namespace sluice::dra
