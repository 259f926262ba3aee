#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "pkg/base/bit_rate.h"

namespace sluice {

/// How a port keeps the floors promised on it; published as `floorEnforcement`.
enum class FloorEnforcement {
  hardware,  ///< The driver's min rate is a guarantee.
  weight,    ///< The driver's min rate is a ratio between the VFs of the port.
  emulated,  ///< The driver has ceilings only; floors follow from ceilings that never sum too high.
  none,      ///< No floor can be kept: none is promised.
};

/// Whether a port keeps ceilings; published as `ceilingEnforcement`.
enum class CeilingEnforcement { hardware, none };

/// Where a port in switchdev mode keeps the rates of its VFs.
enum class LeafRates {
  none,    ///< No VF has a leaf of devlink-rate: they are the legacy call's in either mode.
  listed,  ///< In leaves; the port's list of VFs shows them, and what the legacy call wrote.
  apart,   ///< In leaves, which devlink alone shows; VFs without one as `none`.
};

/// The word published for it: "hardware", "weight", "emulated", "none".
std::string_view to_string(FloorEnforcement floor);
std::string_view to_string(CeilingEnforcement ceiling);

/// What a port's driver does with the rates of a VF (ndo_set_vf_rate and devlink-rate). All rates
/// a port's VFs are given are zero or multiples of `step` from `least` to `most`.
struct DriverCapability {
  std::string_view driver;  ///< As capability_name() says it.
  FloorEnforcement floor = FloorEnforcement::none;
  CeilingEnforcement ceiling = CeilingEnforcement::none;
  BitRate step = {};     ///< Granularity of what the hardware does, not of what the driver accepts.
  BitRate least = {};    ///< The smallest rate that can be set, other than zero.
  BitRate most = {};     ///< The driver's own upper bound; zero: the line rate alone bounds.
  BitRate only_at = {};  ///< The one line rate at which the driver limits; zero: any.
  /// False: success may mean that nothing was done, so the rate is read back before it counts.
  bool acknowledgement_trusted = true;
  /// False: a written zero leaves the old limit, so "unlimited" is written as the line rate.
  bool zero_clears = true;
  /// True: the driver may report a rate that its hardware lost (without carrier, or in a reset),
  /// and does nothing when it is written what it reports: only zero and then the rate helps.
  bool reports_lost_rates = false;
  /// False: the driver has no operation on VFs at all (pci_sriov_configure_simple), so that no
  /// setting of one can ever have changed, and each is refused.
  bool vf_settings = true;
  LeafRates leaves = LeafRates::none;  ///< In switchdev mode.
};

/// The name of every InfiniBand port's row, whatever drives its PCI function: VF rates are the
/// business of IPoIB there, which has none (drivers/infiniband/ulp/ipoib/ipoib_main.c).
inline constexpr std::string_view kIpoib = "ipoib";

/// The row's name for an Ethernet port with that driver and PCI device ID: the driver's, except
/// where the chip decides. igb has VF rates on the 82576 alone; its other chips are
/// "igb-without-rates". port_capability.h names the row of any port.
std::string_view capability_name(std::string_view driver, std::uint16_t device);

/// The row of that name: a PCI driver's, kIpoib, or "htb" for software lanes. A driver that is not
/// in the table has the row `none` for both: rates are promised only where it is known what the
/// driver does with them.
const DriverCapability& capability_of(std::string_view name);

/// Floors and ceilings of software lanes: HTB classes on the uplink (rate and ceil).
const DriverCapability& htb_capability();

/// All rows, by driver; for documentation and tests.
std::span<const DriverCapability> known_drivers();

}  // namespace sluice
