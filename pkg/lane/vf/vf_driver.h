#pragma once

#include <span>
#include <string_view>

namespace sluice {

/// How a lane's link gets the MAC asked for.
enum class MacPath {
  /// The link's owner writes it, then the port. Once the port has spoken, most VF drivers refuse
  /// any other MAC, and they do not take the port's over by themselves.
  link_first,
  /// The port writes it and the VF's driver takes it over, within seconds and after a reset of the
  /// VF. Where the link already had it, the port's write would not pin it.
  port_first,
  none,  ///< The port's VFs have no 6-byte MAC.
};

/// What a port's driver makes of VF settings other than rates, where lanes have to mind it. Rates
/// are in bandwidth/capability.h.
struct VfDriver {
  std::string_view driver;  ///< As capability_name() says it; "ipoib" for an InfiniBand port.
  MacPath mac_path = MacPath::link_first;
  /// False: the port refuses to take a MAC back, so a release writes the link's own instead.
  bool takes_zero_mac = true;
  /// The VF may change its MAC only after the port took its own back, not even to the port's.
  bool zero_unpins = false;
  /// Once the port took its MAC back, the VF hears nothing until its link is given one.
  bool zero_deafens = false;
  /// The port must always know the VF's MAC: its spoof check passes that MAC alone, and node GUIDs
  /// are made from it.
  bool needs_port_mac = false;
  /// Takes the MACs of VFs that do not exist yet; they then come up with them.
  bool mac_before_vfs = false;
  /// A fresh VF's link has no MAC and cannot be brought up without one.
  bool fresh_without_mac = false;
  /// False: the spoof check is reported off while the VF's link is down, whatever was set.
  bool spoofchk_reads_back = true;
  /// False: the link state "enable" is acknowledged and nothing is done.
  bool enables_link = true;
  /// Takes VLAN, spoof check, trust and rates; false: it refuses each, whatever it reports.
  bool settings = true;
};

/// The row of a port's driver; a driver that is not in the table has the members' defaults.
const VfDriver& vf_driver_of(std::string_view port_driver);

/// All rows, by driver; for documentation and tests.
std::span<const VfDriver> known_vf_drivers();

}  // namespace sluice
