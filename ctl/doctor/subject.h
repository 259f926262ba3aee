#pragma once

#include <optional>
#include <string>

#include "ctl/doctor/report.h"
#include "pkg/bandwidth/capability.h"
#include "pkg/base/pci_address.h"
#include "pkg/fs/dir.h"
#include "pkg/inventory/locate_vf.h"
#include "pkg/ledger/ledger.h"
#include "pkg/ledger/set_aside.h"
#include "pkg/netlink/kernel.h"

namespace sluice {

/// The network name of all lanes that a trial makes, and their container: what the ledger knows
/// them by.
inline constexpr const char* kTrialNetwork = "sluicectl-doctor";

/// The VF of a trial as it was before: what it must be afterwards, and what is promised of it.
struct Subject {
  PciAddress vf;
  VfLocation location;
  Link home;                     ///< The VF's link.
  std::optional<VfInfo> report;  ///< What its port said of it; nullopt: nothing.
  DriverCapability capability;
  std::string port_driver;  ///< As the tables name it.
  TrialFacts facts;
};

/// A free VF, looked at and not touched.
///
/// not_found: no such device. invalid_argument: not a VF, or one without a link. busy: a lane, the
/// kubelet or another namespace has it or may get it at any moment; the message says what to do.
Result<Subject> examine(Kernel& kernel, const Dir& sysfs, const Ledger& ledger,
                        const SetAsideStore& aside, PciAddress vf);

/// What the VF has other than it must have when it is free: its link at home, down, with its own
/// name, MAC and MTU, without VLAN, trust and rate, and nothing of it in the ledger. Empty:
/// nothing.
Result<std::string> left_behind(Kernel& kernel, const Dir& sysfs, const Ledger& ledger,
                                const Subject& before);

/// The VF as its port reports it now; nullopt where it says nothing of it.
Result<std::optional<VfInfo>> report_of(Kernel& kernel, const VfLocation& where);

}  // namespace sluice
