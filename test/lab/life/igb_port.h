#pragma once

#include <map>
#include <string>

#include "test/lab/life/live_hardware.h"

namespace sluice {

/// The first of the guest's ports: QEMU's igb. It neither shapes nor drops frames by their MAC, so
/// what its driver reports is what can be known.
class IgbPort final : public LiveHardware {
 public:
  /// The test ends where LAB_PORTS names no port.
  IgbPort();
  IgbPort(const IgbPort&) = delete;
  IgbPort& operator=(const IgbPort&) = delete;

  /// VFs that are not as they were go.
  ~IgbPort() override;

  std::string name() const override { return "igb"; }
  const Dir& sysfs() override { return sysfs_; }
  std::string sysfs_root() const override { return "/sys"; }
  PciAddress port() const override { return port_; }
  PciAddress vf(int index) const override;
  Abilities abilities() const override;
  BitRate line_rate() const override { return BitRate::mbps(1000); }

  /// Slowed down, QEMU's igb has no link (STATUS.LU) to those who ask for its speed.
  BitRate slower() const override { return {}; }

  void await_end_of_pods() override;

  /// With carrier, unless it was taken.
  void settle() override;

  /// Down is all that takes it from within the guest.
  bool lose_carrier() override;

  /// At another speed first, which makes igb forget the rates of its VFs
  /// (igb_check_vf_rate_limit).
  bool restore_carrier(BitRate line_rate) override;

  /// A function-level reset, and igb_reinit_locked as igb does it after an error, by way of a new
  /// negotiation: igb is not told of the reset itself.
  bool reset_port() override;
  bool vfs_are_gone() override { return false; }

  /// A function-level reset; only of a VF that is in a pod, where its link is up.
  bool reset_vf(int index) override;

  /// Its driver is unbound and bound again.
  bool recreate_vf(int index) override;
  bool lose_vf(int index) override;
  bool find_vf(int index) override;
  bool remove_vfs() override;

 protected:
  Link port_link() override;

 private:
  std::string device() const;
  bool has_carrier() const;
  int carrier_changes() const;

  /// `ethtool` does what `options` say to the wire, and the carrier is back after it.
  bool change_wire(const std::string& options) const;
  bool vfs_have_links() const;

  PciAddress port_;
  Dir sysfs_;
  mutable std::map<int, PciAddress> vfs_;  ///< As seen last: they keep their addresses.
};

}  // namespace sluice
