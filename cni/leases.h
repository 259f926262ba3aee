#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "cni/ipam.h"
#include "cni/protocol/error.h"
#include "cni/protocol/result.h"
#include "pkg/ledger/lease_store.h"

namespace sluice::cni {

/// Gets addresses for the lanes of pods from IPAM plugins, and gives them back.
class Leases {
 public:
  /// Of `plugins`, `type` and `input` are those of each lease.
  Leases(const std::string& state_dir, Ipam::Settings plugins)
      : store_(state_dir), plugins_(std::move(plugins)) {}

  /// All that an attachment is to have, before the first add(), and all that it has after the last.
  const LeaseStore& store() const { return store_; }

  /// Whether the lease's plugin is there. Asked before the lease is recorded: a DEL would want the
  /// plugin for each record.
  Outcome<> require_plugin(const AttachmentId& attachment, const Lease& lease) const;

  /// What the plugins assigned to each, as Ipam::add_all() has it. A plugin is told the lane's name
  /// as CNI_IFNAME.
  std::vector<Outcome<AddResult>> add(const AttachmentId& attachment,
                                      std::span<const Lease> leases) const;

  /// CHECK of all leases of the attachment, which may be none.
  Outcome<> check(const AttachmentId& attachment) const;

  /// Gives all leases of the attachment back, begun with the last one. Goes on after a failure; the
  /// record stays then, and the call can be repeated. Success when there are none.
  Outcome<> give_back(const AttachmentId& attachment) const;

  /// give_back() for all attachments of `network` that are not in `keep`.
  Outcome<> collect(const std::string& network, std::span<const AttachmentId> keep) const;

 private:
  Outcome<Ipam> plugin_of(const AttachmentId& attachment, const Lease& lease) const;
  Outcome<std::vector<Ipam>> plugins_of(const AttachmentId& attachment,
                                        std::span<const Lease> leases) const;

  LeaseStore store_;
  Ipam::Settings plugins_;
};

}  // namespace sluice::cni
