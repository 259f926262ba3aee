#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "pkg/base/pci_address.h"
#include "pkg/base/rate.h"
#include "pkg/fs/dir.h"
#include "pkg/netlink/kernel.h"
#include "pkg/provision/vf_count.h"

namespace sluice {

/// What a port does for its lanes. What it does not is to be refused, not to be passed over.
struct Abilities {
  bool links = true;  ///< VFs have links; else they are bound to vfio-pci.
  bool mac = true;
  bool vlan = true;
  bool spoofchk = true;
  bool trust = true;
  bool link_state = true;
  bool rates = true;
  bool divides = false;    ///< Floors are kept by ceilings (`emulated`).
  bool pins_mac = false;   ///< A pod cannot change the MAC that was asked for.
  bool exclusive = false;  ///< RDMA devices move with their lanes.
};

/// A port with VFs that lives of lanes are tried on: a driver model, or a real one in the lab. It
/// has two pods, "p1" and "p2". Events that answer false are not to be had on it; questions that
/// answer nullopt cannot be answered there.
class Hardware {
 public:
  static constexpr int kVfs = 4;

  virtual ~Hardware() = default;

  virtual std::string name() const = 0;
  virtual Kernel& kernel() = 0;
  virtual const Dir& sysfs() = 0;
  virtual std::string sysfs_root() const = 0;
  virtual PciAddress port() const = 0;
  virtual PciAddress vf(int index) const = 0;
  virtual Abilities abilities() const = 0;

  /// Of the wire, and one that it can be slowed down to; zero: it cannot.
  virtual BitRate line_rate() const = 0;
  virtual BitRate slower() const = 0;

  /// How long a provisioner waits for it.
  virtual std::chrono::seconds timeout() const = 0;

  /// What a provisioner's progress is told to.
  virtual Progress progress() = 0;

  /// "/run/netns/p1"; kill_pod() ends the namespace, path and all.
  virtual std::string netns_of(const std::string& pod) const = 0;
  virtual void kill_pod(const std::string& pod) = 0;

  /// Returns when the kernel is through with pods that were killed, and what they had is at home.
  virtual void await_end_of_pods() = 0;

  /// Nothing resets any more, and the carrier is what it will be.
  virtual void settle() = 0;

  // Events.

  virtual bool lose_carrier() = 0;
  virtual bool restore_carrier(BitRate line_rate) = 0;
  virtual bool reset_port() = 0;

  /// Whether that was too much for the VFs, which exist no more.
  virtual bool vfs_are_gone() = 0;

  virtual bool reset_vf(int index) = 0;

  /// The VF's function recovers from an error, which makes link and RDMA device again, at home.
  virtual bool recreate_vf(int index) = 0;

  /// The VF's driver gives up: link and RDMA device are gone until find_vf().
  virtual bool lose_vf(int index) = 0;
  virtual bool find_vf(int index) = 0;

  /// All VFs go.
  virtual bool remove_vfs() = 0;

  /// The process that uses kernel() dies before the `nth` request from now; `at_death` runs first.
  /// revive() makes kernel() another process's.
  virtual bool die_before(int nth, std::function<void()> at_death) = 0;
  virtual bool is_dead() const = 0;
  virtual void revive() = 0;

  // Questions.

  /// Whether frames with the MAC of its link leave the VF, and frames to it arrive.
  virtual std::optional<bool> talks(int index) = 0;

  /// What the hardware limits the VF to.
  virtual std::optional<Rate> programmed(int index) = 0;
};

}  // namespace sluice
