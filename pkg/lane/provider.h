#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/inventory/device.h"
#include "pkg/lane/lane_repair.h"
#include "pkg/lane/lane_request.h"
#include "pkg/ledger/record.h"
#include "pkg/netlink/kernel.h"

namespace sluice {

/// The port of a lane that is asked for, as far as its bandwidth is concerned.
struct PortFacts {
  std::string port;    ///< Name in the ledger.
  std::string driver;  ///< As capability_of() takes it.
  BitRate line_rate;   ///< Zero while the port has no carrier, and where it does not matter.
  std::optional<std::uint64_t> carrier_changes = {};  ///< As PortRecord has them.
  /// The record's id of the lane that would answer the request, where the request alone decides it
  /// (a VF's address); empty where any free lane of the port would do.
  std::string lane_id = {};
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

/// What of an attached lane is in the host's namespace.
struct AtHome {
  std::optional<Link> link;
  std::string rdma_device;

  Lost lost() const {
    if (link) return Lost::link;
    return rdma_device.empty() ? Lost::nothing : Lost::rdma_device;
  }
};

/// What lanes are made of: the kernel half of every step, for one lane at a time. The caller holds
/// the port's lock and has recorded the lane before any call that changes something. Every call can
/// be repeated. Which providers a program has is said by providers.h.
class Provider {
 public:
  virtual ~Provider() = default;

  /// As LaneRecord::provider says it.
  virtual std::string_view name() const = 0;

  /// Whether its lanes are made of that. Requests below are such.
  virtual bool makes(const Material& asked) const = 0;

  /// The port of the lane asked for. Changes nothing. not_found or invalid_argument when there is
  /// no such lane to be had.
  virtual Result<PortFacts> port_of(const LaneRequest& request) = 0;

  /// The record of a lane that would answer the request: id, number, home and link as they are now.
  /// Changes nothing. `port` has its lanes, at the line rate they were given. busy when the lane's
  /// link is not where a free lane's is.
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
  /// Returns what the port did not take (a rate without carrier, say), for finish_resets(): a pod's
  /// end depends on its link alone.
  virtual Result<VfSettings> release(const PortRecord& port, const LaneRecord& lane,
                                     Search search) = 0;

  /// What differs between the record and the kernel for an attached lane.
  virtual Result<std::vector<Drift>> inspect(const PortRecord& port, const LaneRecord& lane,
                                             const Pod& pod) = 0;

  // The rest is for lanes that have more than a link, or that something else can change. A provider
  // of other lanes leaves it as it is here.

  /// The RDMA device of a lane, in whatever namespace it is; empty when it has none.
  virtual RdmaNames rdma_of(const LaneRecord& /*lane*/) { return {}; }

  /// Whether the port's attached lanes of this provider have what was written; what the kernel does
  /// not tell proves nothing. Without the port's lock, and cheap: it is asked each second.
  virtual Result<bool> is_in_order(const PortRecord& /*port*/) { return true; }

  /// Looks again and writes again what differs.
  virtual Result<std::vector<LaneRepair>> repair(const PortRecord& /*port*/) {
    return std::vector<LaneRepair>();
  }

  /// Writes what releases have left of this provider's lanes (PortRecord::unreset), as far as the
  /// port takes it now, and notes what is left.
  virtual void finish_resets(PortRecord& /*port*/) {}

  /// Whether the lane's link is in a namespace other than the host's.
  virtual Result<bool> is_away(const LaneRecord& /*lane*/) { return false; }

  /// What of an attached lane something has taken out of its pod and made again at home.
  /// `host_devices` are the RDMA devices of the host's namespace, where a lane of the port has one.
  virtual Result<AtHome> look_at_home(const LaneRecord& /*lane*/,
                                      const std::vector<RdmaDevice>& /*host_devices*/) {
    return AtHome();
  }
};

}  // namespace sluice
