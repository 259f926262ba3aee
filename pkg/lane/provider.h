#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pkg/bandwidth/capability.h"
#include "pkg/base/result.h"
#include "pkg/lane/lanes.h"
#include "pkg/ledger/record.h"
#include "pkg/netlink/kernel.h"

namespace sluice {

/// The port a lane is on, as far as its bandwidth is concerned.
struct PortFacts {
  std::string port;    ///< Name in the ledger.
  std::string driver;  ///< As capability_of() takes it.
  BitRate line_rate;   ///< Zero while the port has no carrier, and where nobody needs to know.
  std::optional<std::uint64_t> carrier_changes = {};  ///< As PortRecord has them.
};

/// The pod a lane is moved into.
struct Pod {
  const NetNs& netns;
  Links& links;
};

/// A difference between what was written and what the kernel has.
struct Drift {
  std::string what;  ///< "ceiling", "mac", "link"
  std::string expected;
  std::string found;

  friend bool operator==(const Drift&, const Drift&) = default;
};

/// Where a release looks for a lane's link.
enum class Search {
  near,        ///< At home and in its owner's namespace.
  everywhere,  ///< And in all namespaces that processes of this machine show.
};

/// What lanes are made of: the kernel half of every step, for one lane at a time. The caller holds
/// the port's lock and has recorded the lane before any call that changes something. Every call can
/// be repeated. Two ship: VfProvider and SoftProvider.
class Provider {
 public:
  virtual ~Provider() = default;

  /// The port of the lane asked for. Changes nothing. not_found or invalid_argument when there is
  /// no such lane to be had.
  virtual Result<PortFacts> port_of(const LaneRequest& request) = 0;

  /// The record's id of the lane that would answer the request, where the request alone decides it
  /// (a VF's address); empty where any free lane of the port would do.
  virtual std::string id_of(const LaneRequest& request) = 0;

  /// The record of a lane that would answer the request: id, number, home and link as they are now.
  /// Changes nothing. busy when the lane's link is not where a free lane's is.
  virtual Result<LaneRecord> describe(const LaneRequest& request, const PortRecord& port) = 0;

  /// Puts settings and `lane.in_force` in force, starting from baseline whatever was there.
  /// Acknowledged by the driver when this returns; read back where its word is not trusted.
  virtual Result<> configure(const PortRecord& port, const LaneRecord& lane) = 0;

  /// Changes the rate of a lane that is in force already.
  virtual Result<> set_rate(const PortRecord& port, const LaneRecord& lane, const Rate& rate) = 0;

  /// Moves the lane into the pod under its owner's interface name, up; one namespace move. Updates
  /// what the move changed in the record. Returns the link as it is there; nullopt when the lane
  /// has none. already_exists when the name is taken. What of a lane that was lost is in the pod
  /// still, or again, stays as it is. On failure some of the lane may be in the pod.
  virtual Result<std::optional<Link>> move_in(const PortRecord& port, LaneRecord& lane,
                                              const Pod& pod, const std::optional<int>& mtu) = 0;

  /// From any state back to baseline: link home, settings and rates cleared. Success when the lane
  /// is gone. busy while its link is not to be found, and may come: one try, without waiting.
  /// Returns what the port did not take (a rate without carrier, say), for finish_reset(): a pod's
  /// end depends on its link alone.
  virtual Result<VfSettings> release(const PortRecord& port, const LaneRecord& lane,
                                     Search search) = 0;

  /// Writes what a release has left of a VF that no lane has; returns what is left now.
  virtual Result<VfSettings> finish_reset(const PortRecord& port, const UnresetVf& vf) = 0;

  /// What differs between the record and the kernel for an attached lane.
  virtual Result<std::vector<Drift>> inspect(const PortRecord& port, const LaneRecord& lane,
                                             const Pod& pod) = 0;

  /// Writes settings other than rate and MAC of a lane in force already once more. unsupported when
  /// the driver takes one of them not at all.
  virtual Result<> set_again(const PortRecord& port, const LaneRecord& lane,
                             const VfSettings& settings) = 0;

  /// The port's lanes as the kernel reports them, in one request without statistics, and two more
  /// where rates have lists of their own (LeafRates::apart). At least one lane of `port` is of this
  /// provider. unsupported where there is no such list.
  virtual Result<VfList> read_vfs(const PortRecord& port) = 0;

  /// The RDMA device of a lane, in whatever namespace it is; empty when it has none.
  virtual std::string rdma_device_of(const LaneRecord& lane) = 0;
};

}  // namespace sluice
