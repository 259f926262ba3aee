#pragma once

#include <span>
#include <string>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/lane/lanes.h"
#include "pkg/ledger/attachment_notes.h"

namespace sluice::cni {

/// The files by which a runtime learns what device an attachment has (pkg/cdi/device_info.h). A
/// file that is there already is another program's and left alone; what we make is noted under
/// <run_dir>/device-info, so that the DEL, which need not name the file, removes it.
class DeviceInfoFiles {
 public:
  explicit DeviceInfoFiles(const std::string& run_dir) : notes_(run_dir + "/device-info") {}

  /// Makes the file at `path` (mode 0644, with the directories it lacks), unless there is one.
  Result<> create(const std::string& path, const Lane& lane,
                  std::vector<std::string> addresses) const;

  /// Removes what create() made for this attachment; success when that was nothing.
  Result<> remove(const AttachmentId& attachment) const;

  /// remove() for all attachments of `network` that are not in `keep`.
  Result<> collect(const std::string& network, std::span<const AttachmentId> keep) const;

 private:
  AttachmentNotes notes_;
};

}  // namespace sluice::cni
