#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pkg/bandwidth/admission.h"
#include "pkg/base/backoff.h"
#include "pkg/base/pci_address.h"
#include "pkg/base/result.h"
#include "pkg/lane/lane_repair.h"
#include "pkg/lane/lane_request.h"
#include "pkg/lane/provider_set.h"
#include "pkg/ledger/ledger.h"
#include "pkg/ledger/set_aside.h"
#include "pkg/netlink/kernel.h"

namespace sluice {

class Dir;
enum class Search;
struct Pod;
struct AtHome;
struct PortFacts;

/// What an attached lane is, for the front end's answer.
struct Lane {
  LaneRecord record;
  std::string port;          ///< PCI address, or "link-<name>".
  std::optional<Link> link;  ///< As it is in the pod; nullopt when the VF has none (vfio-pci).
  std::string rdma_device;   ///< The VF's RDMA device, moved or not; empty when it has none.
};

/// What follow() found of a port, and what became of it.
struct PortNews {
  PortBudget budget;  ///< More promised than the line rate: lanes have less than they should.
  std::optional<BitRate> line_rate_before;  ///< Where it is another now.
  std::vector<LaneRecord> lanes;            ///< Where it is another now: as they are now.
  std::vector<LaneRecord> rewritten;        ///< Those whose hardware may have lost their rates.
  std::string failure;  ///< What of their rates could not be written; it is tried again.
};

/// Which lanes bring_back() looks at: those that are known to have lost something, or all.
enum class Look { lost, all };

/// Gives a lane's new link, in its pod and up, the addresses that the old one had. Repeatable.
using Readdress = std::function<Result<>(const LaneRecord& lane, Addresses& pod, int link)>;

/// A lane of which a reset of the VF's function took something out of the pod.
struct LaneReturn {
  LaneRecord lane;      ///< As it is now.
  Lost lost;            ///< What was found at home, now or by an earlier try.
  std::string failure;  ///< Why it is not in the pod again; it is tried again. Empty: it is.
  /// Of its RDMA device as it is again; containers have LaneRecord::char_devices.
  std::vector<std::string> char_devices;
};

/// "link", "RDMA device"; for people.
std::string_view label_of(Lost lost);

/// From one try to finish resets to the next: a refused rate needs carrier, which takes seconds.
inline constexpr std::chrono::seconds kUnresetPeriod{2};

/// How long a repair waits for a port that an attach or a release has: the next one comes soon.
inline constexpr std::chrono::milliseconds kRepairTimeout{100};

/// Gives lanes to pods and takes them back. Every verb records before it touches, can be repeated
/// after a crash at any step, and leaves a VF either attached with its rates acknowledged or at
/// baseline. Not thread-safe; any number of processes may work on one node.
class Lanes {
 public:
  /// All references must outlive this object. `sysfs` is an open /sys or a tree like it.
  Lanes(Kernel& kernel, const Dir& sysfs, const Ledger& ledger, const SetAsideStore& aside,
        ProviderSet providers);
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;
  ~Lanes();

  /// invalid_argument: the request contradicts itself, the offer, the grant, which may be another
  /// pod's, or what the port can do.
  /// not_found: no such device or uplink. already_exists: the name is taken in the pod, or this
  /// attachment has a lane already, or another lane of the pod has the MAC. unsupported: the driver
  /// cannot enforce what is asked. exhausted: the port cannot carry the floor; the message has the
  /// numbers. busy: the VF, or the MAC asked for, is still held after `timeout`, or the port is
  /// not ready; asking again can help. On every failure the VF is back at baseline.
  Result<Lane> attach(const LaneRequest& request, const NetNs& pod);

  /// The same for a pod on the host's network: settings and rate are in force when it returns, and
  /// the VF's link is not touched. Nothing but detach() takes such a lane back, for its namespace
  /// never goes. Of `request.owner`, the namespace is filled in.
  Result<Lane> attach_in_place(const LaneRequest& request);

  /// Takes back the lane of one attachment; success when there is none. Never touches a lane that
  /// another attachment has by now. `hint` is the VF or uplink port where it probably is; empty is
  /// fine. Of an attachment with several lanes it takes that VF's. On failure the record stays and
  /// the call can be repeated. unsupported when the lane was made by a provider that this version
  /// does not have.
  Result<> detach(const AttachmentId& attachment, const std::string& hint = {});

  /// detach() for all lanes of the attachment, on each port the last one first; goes on after a
  /// failure and returns all of them in one error.
  ///
  /// A VF whose link is in no namespace is waited for, 5 s, with the port's lock given back between
  /// two tries: other lanes come and go meanwhile.
  Result<> detach_all(const AttachmentId& attachment);

  /// Success when the lane is in `pod` as recorded and its rates read back as written; otherwise an
  /// error that says what differs, both values. not_found without a record.
  Result<Lane> check(const AttachmentId& attachment, const NetNs& pod);

  /// check() for all lanes of the attachment, which may be none.
  Result<std::vector<Lane>> check_all(const AttachmentId& attachment, const NetNs& pod);

  /// Takes back all lanes of a network that are not in `keep`; goes on after a failure and returns
  /// all of them in one error.
  Result<> collect(const std::string& network, std::span<const AttachmentId> keep);

  /// Brings back to baseline what crashes left half-done on all ports, and what belongs to
  /// namespaces that are gone (orphans()). For the agent's start and its repair loop: it waits for
  /// no VF, locks only ports with something to recover, for at most kRepairTimeout each, and tries
  /// a lane that fails again after 1 s to 60 s; until then its last failure stands. busy with all
  /// failures in one error.
  Result<> recover();

  /// Reads back rates and settings of the port's attached lanes, without its lock, and writes those
  /// again that are known to differ: under the lock, after a second look. busy when another call
  /// works on the port for longer than kRepairTimeout.
  Result<std::vector<LaneRepair>> repair(const std::string& port);

  /// Brings the rates of the port's lanes in line with its wire: after another line rate they are
  /// divided by that one, as far as it carries (in_force()); after carrier was lost, those that the
  /// hardware may have lost are written again (rewrite()). For ports of VFs whose lanes are all in
  /// force. Asks for the line rate only when the carrier came or went since the rates were written,
  /// and again until it is back. busy when the port's lock is held.
  Result<PortNews> follow(const std::string& port);

  /// Writes what releases had to leave of the port's VFs (PortRecord::unreset), as far as the port
  /// takes it now, at most once in kUnresetPeriod a port. Returns what is left. busy when the
  /// port's lock is held.
  Result<std::vector<UnresetVf>> finish_resets(const std::string& port);

  /// Finds links and RDMA devices of the port's attached lanes that are in the host's namespace,
  /// for a reset of their VFs made them again there, and brings them in once more, configured,
  /// where the pod's namespace lives. Settings, rate, name, MAC and MTU are as before, and what
  /// `readdress` gives; what others gave the old link is not. A lane that can't be brought in, or
  /// readdressed, stays its pod's (LaneRecord::lost) and is tried again after 1 s to 60 s. Locks
  /// the port for such a lane alone.
  Result<std::vector<LaneReturn>> bring_back(const std::string& port, Look look,
                                             const Readdress& readdress);

  /// Lanes whose namespace is gone: no namespace of that identity is at its path, and the VF's link
  /// is in none. Where paths of namespaces can't be seen, the VF of a pod that lives is still away.
  /// Takes no lock.
  Result<std::vector<LaneRecord>> orphans();

  /// How long bringing lanes in and home has taken so far: most of an attach and a detach, and the
  /// kernel's.
  std::chrono::nanoseconds moving() const { return moving_; }

 private:
  /// A lane recorded as `reserved`, under its port's lock.
  struct Reservation {
    LockedPort locked;
    std::string id = {};
    SetAside aside = {};  ///< What it was admitted beside.
    std::optional<int> mtu = {};
    bool rewrite_all = false;  ///< The line rate is another: no rate is what it was.
  };

  /// The next try to bring a lane in again, or home.
  struct Return {
    Backoff pauses;
    std::chrono::steady_clock::time_point due;
    std::string failure;  ///< Of the last one.
  };
  using Returns = std::map<std::string, Return>;  // By the lane's id.

  static void try_later(Returns& returns, const std::string& id, const std::string& failure);
  static bool is_early(const Returns& returns, const std::string& id);

  Result<Lane> attach_to(const LaneRequest& request, const Pod& pod);

  /// Reserves the lane asked for, waiting within the request's timeout for whatever is `busy`.
  Result<Reservation> reserve(const LaneRequest& request, Provider& provider);
  /// One try; fills in what of `reserved` is not its port.
  Result<> try_to_reserve(Reservation& reserved, const LaneRequest& request, const PortFacts& facts,
                          Provider& provider);

  /// Releases crashed lanes of the port as far as that needs no search; busy where `id` is one that
  /// cannot be released.
  Result<> release_remains(LockedPort& locked, const std::string& id);

  /// Releases crashed lanes of the port, and a previous owner of `id` whose namespace is gone.
  Result<> make_way(LockedPort& locked, const LaneRequest& request, const std::string& id);

  /// Refuses a lane whose MAC another one of the port has on the same VLAN; releases that one when
  /// its namespace is gone.
  Result<> make_way_for_mac(LockedPort& locked, const LaneRecord& lane);

  Result<Lane> bring_in(Reservation& reserved, Provider& provider, const Pod& pod);
  /// One try.
  Result<> release(LockedPort& locked, const std::string& id, Search search);
  /// Tries until the lane's link has come home, or for kReturnTimeout.
  Result<> release_within(LockedPort locked, const std::string& id);
  bool is_followed(const PortRecord& port) const;
  Result<PortNews> catch_up(LockedPort& locked, PciAddress address, std::uint64_t changes);
  /// The RDMA devices in the host's namespace, where a lane of the port could have lost one.
  Result<std::vector<RdmaDevice>> host_devices_for(const PortRecord& port) const;
  /// A first look, without the port's lock; the second one is bring_back_lane()'s.
  Result<std::optional<LaneReturn>> bring_back_if_lost(const std::string& port,
                                                       const LaneRecord& seen,
                                                       const std::vector<RdmaDevice>& devices,
                                                       const Readdress& readdress);
  /// nullopt when it has lost nothing after all, or its namespace is gone.
  Result<std::optional<LaneReturn>> bring_back_lane(const std::string& port, const std::string& id,
                                                    const Readdress& readdress);
  Result<> bring_in_again(LockedPort& locked, LaneRecord& lane, const AtHome& found,
                          const NetNs& netns, const Readdress& readdress);
  Result<> release_where(const std::string& port, const std::function<bool(const LaneRecord&)>& is);
  Result<> release_on(const std::vector<std::string>& ports,
                      const std::function<bool(const LaneRecord&)>& is);
  Result<> recover_port(const std::string& port);
  /// Whether no attachment holds the lane any more, or none ever will.
  bool is_left_over(const LaneRecord& lane);
  Result<bool> owner_is_gone(const LaneRecord& lane);
  bool is_orphan(const LaneRecord& lane);
  Result<Lane> check_lane(const PortRecord& port, const LaneRecord& lane, const Pod& pod);

  /// Ports that have a lane of the attachment, or a damaged file that might.
  Result<std::vector<std::string>> ports_with(const AttachmentId& attachment) const;

  /// The port, locked, that has the attachment's lane; nullopt when none has.
  Result<std::optional<LockedPort>> find_port(const AttachmentId& attachment,
                                              const std::string& hint) const;

  Kernel& kernel_;
  const Dir& sysfs_;
  const Ledger& ledger_;
  const SetAsideStore& aside_;
  ProviderSet providers_;
  std::map<std::string, std::chrono::steady_clock::time_point> resets_due_;  // By port.
  Returns returns_;    // Of lanes that could not be brought in again.
  Returns leftovers_;  // Of lanes that could not be recovered.
  std::chrono::nanoseconds moving_{0};
};

}  // namespace sluice
