#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/mac_address.h"
#include "pkg/base/rate.h"
#include "pkg/base/result.h"
#include "pkg/base/usable_part.h"
#include "pkg/netlink/vf.h"

namespace sluice {

/// Where a lane is in its life. A free VF has no record. The process that holds the port's lock and
/// finds a phase other than `configured` or `attached` has found the remains of a crash: a lane
/// changes phase only under that lock.
enum class Phase {
  reserved,    ///< Recorded; the kernel may have been touched.
  configured,  ///< Settings and rates are in force; not in a pod yet.
  attached,    ///< In the pod's namespace.
  releasing,   ///< On its way back to baseline; part of that may have failed.
};

std::string_view to_string(Phase phase);

/// What of an attached lane is not in its pod, for a reset of the VF's function made it again in
/// the host's namespace.
enum class Lost {
  nothing,
  rdma_device,  ///< The RDMA device alone.
  link,         ///< The link, and the RDMA device where the VF has one.
};

std::string_view to_string(Lost lost);

/// Who a lane was given to: one attachment in the words of the CNI specification.
struct Owner {
  std::string network;             ///< `name` of the network configuration.
  std::string container_id;        ///< CNI_CONTAINERID
  std::string ifname;              ///< CNI_IFNAME
  std::string netns;               ///< CNI_NETNS, a path
  std::uint64_t netns_cookie = 0;  ///< Identity of the namespace behind that path (NetNs::cookie).
  std::string pod;                 ///< "namespace/name" where known; for people.
  std::string pod_uid;             ///< The pod's UID where known, for events about it.

  /// Where one attachment brought several lanes into the pod: its CNI_IFNAME, which is then the
  /// name of another interface, beside which they are. Empty: `ifname` is the attachment's.
  std::string beside;

  bool is(std::string_view container, std::string_view name) const {
    return container_id == container && ifname == name;
  }

  /// CNI_IFNAME of the attachment whose DEL takes the lane back.
  const std::string& attached_by() const { return beside.empty() ? ifname : beside; }

  friend bool operator==(const Owner&, const Owner&) = default;
};

/// One attachment: CNI_CONTAINERID and CNI_IFNAME. It has one lane, or brought several in beside
/// the interface of that name (Owner::beside).
struct AttachmentId {
  std::string container_id;
  std::string ifname;

  friend bool operator==(const AttachmentId&, const AttachmentId&) = default;
};

/// What lanes are made of, as LaneRecord::provider and network configurations say it.
inline constexpr std::string_view kVfProvider = "vf";
inline constexpr std::string_view kSoftProvider = "soft";

/// Owner::netns of a lane of a pod on the host's network, whose link stays where it is.
inline constexpr std::string_view kHostNetwork = "host";

/// What a VF's link is while no lane has it; a release restores it.
struct Home {
  std::string name;
  MacAddress mac;
  int mtu = 0;

  friend bool operator==(const Home&, const Home&) = default;
};

/// One lane, as written before the kernel is touched.
struct LaneRecord {
  std::string id;        ///< The VF's PCI address; "soft-<number>" for a software lane.
  std::string provider;  ///< kVfProvider or kSoftProvider
  int number = 0;        ///< VF index; class number of a software lane.
  Phase phase = Phase::reserved;
  Owner owner;
  std::string class_name;  ///< Class of the offer the VF was taken from; empty without one.
  Rate asked;              ///< What was promised and allowed.
  Rate in_force;           ///< What was last written to the kernel, never less than what is there.
  VfSettings settings;     ///< What was asked besides rates; `settings.rate` is not used.
  Home home;
  int link_index = 0;       ///< 0 when the VF has no link (vfio-pci).
  std::string rdma_device;  ///< Goes where the link goes (exclusive mode); empty otherwise.
  std::string child;        ///< Software lanes: "macvlan" or "veth".
  int mtu = 0;              ///< Of the link as it came into the pod; 0 where that is not known.

  /// Written before what was lost is brought in again, and taken out once all of it is in the pod.
  Lost lost = Lost::nothing;

  /// The character devices that containers are given with the VF, by name: as the agent noted them
  /// for an offered VF, else as they were when the lane was recorded.
  std::vector<std::string> char_devices;

  /// Whether it is of a pod on the host's network.
  bool is_in_place() const { return owner.netns == kHostNetwork; }

  /// The lane's source MAC: as requested, else its own.
  MacAddress mac() const { return settings.mac.value_or(home.mac); }

  friend bool operator==(const LaneRecord&, const LaneRecord&) = default;
};

/// A VF that no lane has and whose port has still to take some of its baseline: it refused that
/// when the VF was released (a rate without carrier, say). Nothing of it may reach the next lane.
struct UnresetVf {
  std::string id;       ///< PCI address.
  int number = 0;       ///< VF index.
  VfSettings settings;  ///< What is to be written yet, rate included; `mac` is the link's own.

  friend bool operator==(const UnresetVf&, const UnresetVf&) = default;
};

inline constexpr std::string_view kUplinkPrefix = "link-";

/// What people call a port of that name in the ledger: its PCI address, or the uplink's name.
std::string_view port_label(std::string_view port);

/// All lanes of one port.
struct PortRecord {
  std::string port;    ///< PCI address, or kUplinkPrefix and the name of a software uplink.
  std::string driver;  ///< Port's driver, by which its capabilities are looked up.
  BitRate line_rate;   ///< As last known; zero when unknown.
  /// Of the port's link, when the lanes' rates were all written at that line rate. Another number,
  /// or none: the wire was away since, and with it may be the rates.
  std::optional<std::uint64_t> carrier_changes;
  bool spoofchk = true;  ///< Whether a VF at baseline has the spoof check on: policy of this node.
  UsablePart usable_part;  ///< What lanes may be promised of it: policy of this node, too.
  std::vector<LaneRecord> lanes;
  std::vector<UnresetVf> unreset;

  /// What lanes and offers may be promised together; zero while the line rate is unknown.
  BitRate usable() const { return usable_part.of(line_rate); }

  LaneRecord* find(std::string_view lane_id);

  /// nullptr where the VF is at baseline, as far as this record goes.
  const UnresetVf* find_unreset(std::string_view vf) const;

  /// Notes what is to be written to a VF yet, in place of what was noted; nothing takes it out.
  void note_unreset(UnresetVf vf);

  /// Whether there is something to keep on disk: lanes, VFs to be reset, or a policy of its own.
  bool is_worth_a_file() const {
    return !lanes.empty() || !unreset.empty() || !spoofchk || usable_part != UsablePart();
  }

  friend bool operator==(const PortRecord&, const PortRecord&) = default;
};

/// The text of one port's file: JSON, one lane a line.
std::string encode(const PortRecord& record, std::string_view boot_id);

/// One lane's line in it, without a line end, and the whole of it from the lanes' lines.
std::string encode_lane(const LaneRecord& lane);
std::string encode(const PortRecord& record, std::string_view boot_id,
                   const std::vector<std::string_view>& lines);

struct DecodedPort {
  PortRecord record;
  std::string boot_id;
};

/// data_loss naming the JSON pointer of what is missing or of the wrong type.
Result<DecodedPort> decode_port(std::string_view text);

}  // namespace sluice
