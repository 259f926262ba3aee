#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pkg/base/mac_address.h"
#include "pkg/base/result.h"
#include "pkg/netlink/netns.h"
#include "pkg/netlink/vf.h"

namespace sluice {

/// IFF_DEBUG, IFF_NOARP, IFF_PROMISC and IFF_ALLMULTI (linux/if.h): ways to treat frames. Whatever
/// may configure a link can leave them set.
inline constexpr std::uint32_t kSpecialModes = 0x0384;

/// A netdev as RTM_NEWLINK describes it. Empty text and nullopt mean that the kernel said nothing.
struct Link {
  int index = 0;
  std::string name;
  std::string kind;  ///< IFLA_INFO_KIND: "macvlan", "veth"; empty for hardware.
  int mtu = 0;
  bool up = false;              ///< IFF_UP: administratively up.
  bool carrier = false;         ///< IFF_LOWER_UP: the wire is up, which follows IFF_UP by seconds.
  bool special_modes = false;   ///< Any of kSpecialModes, as a program asked for it.
  std::uint32_t xdp_modes = 0;  ///< XDP_FLAGS_*_MODE (linux/if_link.h) in which programs run.
  std::optional<MacAddress> mac;            ///< nullopt where the address is not 6 bytes (IPoIB).
  std::optional<MacAddress> permanent_mac;  ///< IFLA_PERM_ADDRESS, Linux 5.6.
  std::vector<std::string> altnames;
  std::string parent_bus;     ///< "pci", "virtio"; Linux 5.14.
  std::string parent_device;  ///< "0000:3b:02.0" on bus "pci".
  std::string phys_port_name;
  /// IFLA_LINK: the uplink of a macvlan, the peer of a veth; 0 for none. An index of the namespace
  /// where that one is, which need not be this one.
  int lower_index = 0;
  int master_index = 0;  ///< Bridge or bond it belongs to; 0 for none.

  friend bool operator==(const Link&, const Link&) = default;
};

/// What one request changes. The kernel applies it in this order and not atomically: namespace,
/// MAC, MTU, name, flags; what came before the failing step stays done (facts: rtnetlink
/// do_setlink).
struct LinkChange {
  const NetNs* netns = nullptr;  ///< Moves the link there; the other changes then happen there.
  std::optional<MacAddress> mac;
  std::optional<int> mtu;
  std::optional<std::string> name;
  std::optional<bool> up;
  bool end_special_modes = false;  ///< They would travel along with a link that moves.
};

enum class LinkKind { macvlan, veth };

/// A software link to be made on `lower` (macvlan) or as a pair (veth).
struct NewLink {
  LinkKind kind = LinkKind::macvlan;
  std::string name;
  int lower_index = 0;           ///< macvlan: the uplink.
  std::string peer_name;         ///< veth: the end that stays in this namespace.
  const NetNs* netns = nullptr;  ///< Where `name` is made; here when null.
  std::optional<MacAddress> mac;
  std::optional<int> mtu;
};

/// The links of one network namespace, as the kernel holds them. Each call is one request and
/// blocks for one round trip, bounded by the socket's time-out. Not thread-safe: one a thread.
///
/// Errors carry the kernel's errno and, where it sends one, its extended-ACK text.
class Links {
 public:
  virtual ~Links() = default;

  /// nullopt when no link has that name (altnames do not count). Never asks for VF data.
  virtual Result<std::optional<Link>> find(const std::string& name) = 0;

  /// nullopt when no link has that index. Never asks for VF data.
  virtual Result<std::optional<Link>> find(int index) = 0;

  /// All links, without VF data, by index.
  virtual Result<std::vector<Link>> list() = 0;

  /// One RTM_SETLINK. already_exists when the name is taken in the target namespace; the link may
  /// then have moved without being renamed (see LinkChange).
  virtual Result<> change(int index, const LinkChange& change) = 0;

  /// Removes alternative names, one request for all. Success when `names` is empty.
  virtual Result<> remove_altnames(int index, const std::vector<std::string>& names) = 0;

  /// Detaches the XDP programs of `modes` (Link::xdp_modes), one request a mode. Success when there
  /// are none. busy while a bpf_link holds one: it goes with that link's last descriptor.
  virtual Result<> detach_xdp(int index, std::uint32_t modes) = 0;

  /// already_exists when the name is taken.
  virtual Result<> add(const NewLink& link) = 0;

  /// not_found when there is no such link.
  virtual Result<> remove(int index) = 0;

  /// One RTM_SETLINK on the port for one VF. The kernel applies the settings in the order MAC,
  /// VLAN, rate, spoofchk, link state, trust, GUIDs and stops at the first that fails; those before
  /// stay. not_found without such a port, unsupported when the driver lacks the operation,
  /// invalid_argument when the driver refuses the value or has no such VF.
  virtual Result<> set_vf(int port_index, int vf, const VfSettings& settings) = 0;

  /// Settings of all VFs, without statistics. Never on the attach path: the kernel asks the driver
  /// for each VF while all of networking waits.
  virtual Result<VfList> vfs(int port_index) = 0;
};

}  // namespace sluice
