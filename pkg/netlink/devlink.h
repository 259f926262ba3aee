#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pkg/base/bit_rate.h"
#include "pkg/base/pci_address.h"
#include "pkg/base/result.h"

namespace sluice {

/// A devlink instance as the kernel names it: a bus and a device on it.
struct DevlinkDevice {
  std::string bus = "pci";
  std::string name;  ///< "0000:3b:00.0" on bus "pci".

  static DevlinkDevice pci(PciAddress address) { return {"pci", address.to_string()}; }

  /// As devlink(8) has it: "pci/0000:3b:00.0".
  std::string to_string() const { return bus + "/" + name; }

  friend bool operator==(const DevlinkDevice&, const DevlinkDevice&) = default;
};

/// DEVLINK_ESWITCH_MODE_* (linux/devlink.h): who forwards between the VFs of a port. devlink-rate
/// exists in `switchdev` only, and not with every driver there. VF rates through rtnetlink are
/// taken in both modes by all drivers but netdevsim; devlink does not show them. A link's
/// phys_switch_id says nothing of the mode: most drivers have it in both.
enum class EswitchMode { legacy, switchdev };

/// A scheduler object of a port: the leaf of one VF, or a node that groups leaves and nodes.
struct RateObject {
  std::optional<std::uint32_t> port;  ///< A leaf's devlink port; nullopt for a node.
  std::string node;                   ///< A node's name; empty for a leaf.
  BitRate tx_share;                   ///< Floor; zero promises nothing.
  BitRate tx_max;                     ///< Ceiling; zero is no limit.
  std::string parent;                 ///< Name of the node above; empty for none.

  friend bool operator==(const RateObject&, const RateObject&) = default;
};

/// What one request changes; absent settings are not sent.
struct RateChange {
  std::optional<BitRate> tx_share;    ///< A multiple of Devlink::kRateStep.
  std::optional<BitRate> tx_max;      ///< A multiple of Devlink::kRateStep.
  std::optional<std::string> parent;  ///< Empty takes the object out of its node.
};

/// Rate scheduling of ports in switchdev mode. Each call is one request and blocks for one round
/// trip. Not thread-safe.
///
/// Errors carry the kernel's errno and its extended-ACK text. Where not said otherwise: not_found
/// without such a devlink instance or rate object, unsupported where the driver or the port's mode
/// has no devlink-rate.
class Devlink {
 public:
  /// devlink-rate counts byte/s; mlx5 and netdevsim take multiples of 125 000 of them only (facts
  /// of both drivers' set functions), so that is what the interface takes.
  static constexpr BitRate kRateStep = BitRate::mbps(1);

  virtual ~Devlink() = default;

  /// nullopt where there is no eswitch: none in the device, no such devlink instance, or no devlink
  /// in the kernel.
  virtual Result<std::optional<EswitchMode>> eswitch_mode(const DevlinkDevice& device) = 0;

  /// The devlink ports of the VFs of the device's own PF, by VF number, from one list; empty in
  /// legacy mode and without such an instance. A port has a leaf of the same number, or none.
  virtual Result<std::map<int, std::uint32_t>> vf_ports(const DevlinkDevice& device) = 0;

  /// All rate objects of the device, leaves and nodes; empty where it has none.
  virtual Result<std::vector<RateObject>> rates(const DevlinkDevice& device) = 0;

  /// nullopt when the port has no leaf, or there is no such port.
  virtual Result<std::optional<RateObject>> leaf(const DevlinkDevice& device,
                                                 std::uint32_t port) = 0;

  /// nullopt when there is no such node.
  virtual Result<std::optional<RateObject>> node(const DevlinkDevice& device,
                                                 const std::string& name) = 0;

  /// invalid_argument for a rate that is no multiple of kRateStep or that the driver refuses. The
  /// driver applies tx_share, tx_max, parent in this order; what came before a failure stays.
  virtual Result<> set_leaf(const DevlinkDevice& device, std::uint32_t port,
                            const RateChange& change) = 0;

  /// As set_leaf; the limits of a node hold for all its leaves together.
  virtual Result<> set_node(const DevlinkDevice& device, const std::string& name,
                            const RateChange& change) = 0;

  /// already_exists when the name is taken.
  virtual Result<> create_node(const DevlinkDevice& device, const std::string& name) = 0;

  /// busy while the node is the parent of anything.
  virtual Result<> delete_node(const DevlinkDevice& device, const std::string& name) = 0;
};

}  // namespace sluice
