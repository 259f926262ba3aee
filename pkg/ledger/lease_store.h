#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/ledger/attachment_notes.h"
#include "pkg/ledger/lane_addresses.h"

namespace sluice {

/// Addresses of one lane of a pod, given by an IPAM plugin.
struct Lease {
  std::string ifname;        ///< The lane's.
  std::string network;       ///< Name in the configuration; for people.
  std::string conf;          ///< The plugin's input: a network configuration with `ipam`, one line.
  LaneAddresses given = {};  ///< Empty until they are given.
  /// "10.1.0.2,fd00::2": those that the lane's RDMA device did not have when ADD answered.
  std::string lacks_gids = {};

  friend bool operator==(const Lease&, const Lease&) = default;
};

/// The addresses of pods' lanes, a file an attachment under <state_dir>/leases. It is written
/// before the first plugin runs and has all that a DEL needs, whatever became of the agent and its
/// configuration. As what IPAM plugins note themselves it outlives a reboot.
class LeaseStore {
 public:
  explicit LeaseStore(const std::string& state_dir) : notes_(state_dir + "/leases") {}

  /// Replaces the leases of an attachment.
  Result<> write(const std::string& network, const AttachmentId& attachment,
                 std::span<const Lease> leases) const;

  /// In the order in which they were written; none where there is no file. data_loss for one that
  /// makes no sense.
  Result<std::vector<Lease>> read(const AttachmentId& attachment) const;

  /// That of one lane; nullopt where it has none.
  Result<std::optional<Lease>> find(const Owner& owner) const;

  Result<> remove(const AttachmentId& attachment) const { return notes_.remove(attachment); }

  /// As AttachmentNotes has it.
  Result<std::vector<AttachmentId>> stale(const std::string& network,
                                          std::span<const AttachmentId> keep) const {
    return notes_.stale(network, keep);
  }

 private:
  AttachmentNotes notes_;
};

}  // namespace sluice
