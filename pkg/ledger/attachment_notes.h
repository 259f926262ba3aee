#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/ledger/record.h"

namespace sluice {

/// What has to be remembered of attachments until their DEL, which need not say it: one file each
/// in a directory of one kind of note.
class AttachmentNotes {
 public:
  explicit AttachmentNotes(std::string directory) : directory_(std::move(directory)) {}

  /// Replaces what was noted. Survives a crash of the process and a reboot, not a loss of power.
  Result<> write(const std::string& network, const AttachmentId& attachment,
                 std::string_view text) const;

  /// nullopt where there is none; data_loss for one that is cut short.
  Result<std::optional<std::string>> read(const AttachmentId& attachment) const;

  /// Success where there is none.
  Result<> remove(const AttachmentId& attachment) const;

  /// The attachments of `network` that have a note and are not in `keep`.
  Result<std::vector<AttachmentId>> stale(const std::string& network,
                                          std::span<const AttachmentId> keep) const;

 private:
  std::string path_of(const AttachmentId& attachment) const;

  std::string directory_;
};

}  // namespace sluice
