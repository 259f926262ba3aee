#pragma once

#include <string>

#include "pkg/netlink/devlink.h"
#include "test/lab/life/live_hardware.h"
#include "test/support/sysfs_tree.h"

namespace sluice {

/// A port of netdevsim, in one of the eswitch modes. Its VFs are settings and rates in the driver
/// and nothing else, so they are shown in a made-up sysfs as PCI functions that are bound to
/// vfio-pci; so is the port's wire. All that a lane writes, and how it is read back, is real.
class SimulatedPort final : public LiveHardware {
 public:
  /// False where the guest has no netdevsim.
  static bool is_there();

  explicit SimulatedPort(EswitchMode mode);
  SimulatedPort(const SimulatedPort&) = delete;
  SimulatedPort& operator=(const SimulatedPort&) = delete;
  ~SimulatedPort() override;

  std::string name() const override;
  const Dir& sysfs() override { return sysfs_; }
  std::string sysfs_root() const override { return tree_.path(); }
  PciAddress port() const override;
  PciAddress vf(int index) const override;
  Abilities abilities() const override { return {.links = false}; }
  BitRate line_rate() const override { return BitRate::mbps(4000); }
  BitRate slower() const override { return BitRate::mbps(1000); }
  void await_end_of_pods() override {}  // Its VFs have nothing that could be in one.
  void settle() override {}

  // netdevsim takes rates without a wire, too.
  bool lose_carrier() override;
  bool restore_carrier(BitRate line_rate) override;

  // Without PCI functions there is nothing to reset.
  bool reset_port() override { return false; }
  bool vfs_are_gone() override { return false; }
  bool reset_vf(int) override { return false; }
  bool recreate_vf(int) override { return false; }
  bool lose_vf(int) override { return false; }
  bool find_vf(int) override { return false; }
  bool remove_vfs() override;

 protected:
  Link port_link() override;

 private:
  void show_wire(const std::string& speed, const std::string& carrier);

  EswitchMode mode_;
  std::string link_;
  SysfsTree tree_;
  Dir sysfs_;
  int carrier_changes_ = 0;
};

}  // namespace sluice
